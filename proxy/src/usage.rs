//! What a provider's answer says it used: read from the JSON without building a tree, and brought
//! into disjoint token classes.
//!
//! `json`, `counts` and `convention` are the dialects' own (`proxy/dialects/src/usage`); `openai` puts them together
//! for a whole answer.

pub use aop_dialects::usage::{convention, counts, json};

pub mod openai;

#[cfg(test)]
mod tests {
    use aop_domain::id::TeamId;
    use aop_domain::price::PriceBook;

    /// The models a newcomer sees first show a cost; those that only refuse use nothing.
    #[test]
    fn every_model_of_the_simulator_that_answers_has_a_price() {
        let (book, _) = PriceBook::new(&[]);
        let refuses = |id: &str| id.strip_prefix("sim-fail-").is_some_and(|rest| rest.parse::<u16>().is_ok());
        for model in aop_simulator::models().iter().filter(|model| !refuses(model.id)) {
            assert!(book.find(TeamId::NIL, "simulator", model.id, "", 0).is_some(), "{}", model.id);
        }
    }
}
