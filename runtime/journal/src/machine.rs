//! What stores and engines take from the machine they are on, beside disk and network: the time, and randomness.

use jiff::Timestamp;

/// The machine that something runs on. There is one, [`System`]; a simulation puts its own here, and decides both.
pub trait Machine: Send + Sync {
    /// What its clock says.
    fn now(&self) -> Timestamp;

    /// Bytes that nobody can guess.
    ///
    /// # Errors
    /// Why there are none.
    fn random(&self) -> Result<[u8; 32], String>;
}

/// This machine: the system's clock and the system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Machine for System {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self) -> Result<[u8; 32], String> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
        Ok(bytes)
    }
}
