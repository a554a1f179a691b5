//! The values of a configuration.

use play_check::typed::Program;
use play_program::exec::Fault;
use play_program::value::Value;

use crate::constants::Constants;

/// All values: what is laid `over`, else what the environment gives, else what all environments have, else the default.
/// What has none of these is nothing.
///
/// # Errors
/// The fault of a default.
pub fn values(
    program: &Program,
    constants: &Constants,
    environment: Option<&str>,
    over: &[(usize, Value)],
) -> Result<Vec<Value>, Fault> {
    let Some(config) = &program.config else { return Ok(Vec::new()) };
    let of_environment = config.environments.iter().find(|(name, _)| Some(name.as_str()) == environment);
    let of_environment = of_environment.map(|(_, given)| given.as_slice()).unwrap_or_default();
    let given = |field: usize| {
        let all = over.iter().chain(of_environment).chain(&config.given);
        all.into_iter().find(|(of, _)| *of == field).map(|(_, value)| value.clone())
    };
    let one = |(field, default): (usize, &Option<play_check::typed::Body>)| match (given(field), default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => constants.evaluate(program, default),
        (None, None) => Ok(Value::None),
    };
    config.defaults.iter().enumerate().map(one).collect()
}
