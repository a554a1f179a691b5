//! Persons, by the names that they say: when two names are one person.

/// What a name is known as: the same for all ways to write it that differ in blanks around it or in case.
#[must_use]
pub fn known_as(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_name_and_its_case_make_nobody_else_of_a_person() {
        assert_eq!(known_as(" Ada\t"), known_as("ada"));
        assert_eq!(known_as("ÄNNE"), known_as("änne"));
        assert_ne!(known_as("ada l"), known_as("ada"));
    }
}
