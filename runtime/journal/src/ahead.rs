//! Place at the end of a file that is there before anything stands in it.
//!
//! To sync a file that has grown is to write down its size and its new blocks besides what was written. Where zeros stand already, a
//! sync writes the pages alone: it takes two thirds of the time, and half of the processor. The price is that a page is written
//! twice, so it is done only where little is written at a time.

/// Such place ends at a multiple of this, in bytes. A file that was closed has none, and ends there by chance only.
const PAGE: u64 = 4096;

/// The least that is made ready, in bytes.
const LEAST: u64 = 64 << 10;

/// A write of this many bytes and more gains nothing.
const MUCH: usize = 64 << 10;

/// Where the place ends that is to be made ready behind `end`, by one who has written so much before: little for one who writes little.
/// Never more than `most` bytes and a page, and none where it would gain nothing.
pub(crate) fn until(end: u64, bytes: usize, written: u64, most: u64) -> u64 {
    if bytes >= MUCH || most == 0 {
        return end;
    }
    let wanted = written.max(LEAST).min(most);
    end.saturating_add(wanted).checked_next_multiple_of(PAGE).unwrap_or(end)
}

/// Whether what stands at the end of a file of this size is such place, and nothing else.
pub(crate) fn is_ahead(end: &[u8], size: u64) -> bool {
    !end.is_empty() && size.is_multiple_of(PAGE) && end.iter().all(|b| *b == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_written_much_gets_more_of_it() {
        assert_eq!(until(100, 100, 0, 256 << 10), 17 * PAGE);
        assert_eq!(until(100_000, 100, 100_000, 256 << 10), 49 * PAGE);
        assert_eq!(until(1 << 20, 100, 1 << 20, 256 << 10), (1 << 20) + (256 << 10));
        assert_eq!(until(100, 100, 0, 1), PAGE, "a whole page");
    }

    #[test]
    fn where_it_gains_nothing_there_is_none() {
        assert_eq!(until(100, 100, 0, 0), 100);
        assert_eq!(until(1 << 20, MUCH, 1 << 20, 1 << 20), 1 << 20);
        assert_eq!(until(u64::MAX, 1, 0, 1), u64::MAX);
    }

    #[test]
    fn only_zeros_up_to_a_whole_page_are_place() {
        let mut segment = vec![0; 8192];
        segment[..100].fill(b'.');
        assert!(is_ahead(&segment[100..], 8192));
        assert!(!is_ahead(&segment[99..], 8192), "something stands there");
        assert!(!is_ahead(&[], 8192), "nothing is there");
        assert!(!is_ahead(&segment[100..8191], 8191), "a closed file ends anywhere");
        segment[8191] = 1;
        assert!(!is_ahead(&segment[100..], 8192));
    }
}
