//! Two prompts that are one template with other values filled in: `You are {city} Travel Guide` for Lisbon and for Busan.
//!
//! Likeness is not enough: agents of one house share most of their words. A filled-in value is part of the input, so it
//! stands in the caller's own task too, and not in the other's; or it is a name or a number, in prompts that say
//! of their agents that they are the same kind of agent.

use crate::soft;

/// Prompts that are less alike are not compared word by word.
const LEAST_LIKENESS: f32 = 0.35;
/// Prompts that say the same about their agent and are more alike differ only by the values in them.
const MUCH_ALIKE: f32 = 0.55;
/// Longest value, in words.
const LONGEST_VALUE_WORDS: usize = 5;
/// Different values in one prompt.
const MOST_VALUES: usize = 3;

/// A prompt's words and those of the task that came with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filled<'a> {
    pub(crate) prompt: &'a [u32],
    pub(crate) task: &'a [u32],
    /// The prompt says of its agent that it is the same kind of agent.
    pub(crate) same_kind: bool,
}

pub(crate) fn same(one: Filled<'_>, other: Filled<'_>) -> bool {
    if one.prompt == other.prompt || soft::likeness(one.prompt, other.prompt) < LEAST_LIKENESS {
        return false;
    }
    let segments = differences(one.prompt, other.prompt);
    let mut values: Vec<&(&[u32], &[u32])> = Vec::new();
    for pair in &segments {
        if !values.contains(&pair) {
            values.push(pair);
        }
    }
    let is_value = |value: &[u32]| value.iter().all(|word| word & soft::VALUE == soft::VALUE);
    let sized = |value: &[u32]| (1..=LONGEST_VALUE_WORDS).contains(&value.len());
    let alike = soft::likeness(one.prompt, other.prompt) >= MUCH_ALIKE;
    if one.same_kind && alike && !values.is_empty() && values.len() <= MOST_VALUES {
        let named = |(here, there): &&(&[u32], &[u32])| {
            sized(here) && sized(there) && is_value(here) && is_value(there)
        };
        if values.iter().all(named) {
            return true;
        }
    }
    let within = |value: &[u32], task: &[u32]| value.iter().all(|word| task.contains(word));
    !values.is_empty()
        && values.len() <= MOST_VALUES
        && values.iter().all(|(here, there)| {
            sized(here)
                && sized(there)
                && within(here, one.task)
                && within(there, other.task)
                && !within(here, other.task)
                && !within(there, one.task)
        })
}

/// The stretches in which two texts differ, from their longest common subsequence.
fn differences<'a>(one: &'a [u32], other: &'a [u32]) -> Vec<(&'a [u32], &'a [u32])> {
    let width = other.len() + 1;
    let mut longest = vec![0_u16; (one.len() + 1) * width];
    for i in (0..one.len()).rev() {
        for j in (0..other.len()).rev() {
            longest[i * width + j] = if one[i] == other[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let mut found = Vec::new();
    let (mut i, mut j, mut from) = (0, 0, (0, 0));
    let mut close = |from: (usize, usize), i: usize, j: usize| {
        if from != (i, j) {
            found.push((&one[from.0..i], &other[from.1..j]));
        }
    };
    while i < one.len() && j < other.len() {
        if one[i] == other[j] {
            close(from, i, j);
            (i, j) = (i + 1, j + 1);
            from = (i, j);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    close(from, one.len(), other.len());
    found
}

/// The name of a template, from two names that it renders to: what differs is left open.
pub(crate) fn name(one: &str, other: &str) -> String {
    let (first, second): (Vec<&str>, Vec<&str>) = (one.split(' ').collect(), other.split(' ').collect());
    let before = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
    let room = first.len().min(second.len()) - before;
    let after = first.iter().rev().zip(second.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    if before + after == first.len() && first.len() == second.len() {
        return one.to_owned();
    }
    let mut words = first[..before].to_vec();
    words.push("{…}");
    words.extend(&first[first.len() - after..]);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_same(one: (&str, &str), other: (&str, &str)) -> bool {
        let words = |text: &str| soft::of(text).words;
        let (a, b, c, d) = (words(one.0), words(one.1), words(other.0), words(other.1));
        let kind = crate::naming::generated(one.0) == crate::naming::generated(other.0);
        same(
            Filled { prompt: &a, task: &b, same_kind: kind },
            Filled { prompt: &c, task: &d, same_kind: kind },
        )
    }

    #[test]
    fn a_value_from_the_task_makes_no_other_agent() {
        assert!(are_same(
            (
                "You are Lisbon Travel Guide. You have lived in Lisbon.\nYour personal goal is: Show Lisbon",
                "Plan a day in Lisbon."
            ),
            (
                "You are New York Travel Guide. You have lived in New York.\nYour personal goal is: Show New York",
                "Plan a day in New York."
            ),
        ));
    }

    #[test]
    fn a_name_or_a_number_makes_no_other_agent_of_one_kind() {
        let task = "What is my balance?";
        assert!(are_same(
            ("You are a clerk. The customer is Rosa.", task),
            ("You are a clerk. The customer is Sven.", task)
        ));
        assert!(are_same(
            ("You are a clerk. Ask rosa@example.com, account 17, if in doubt.", task),
            ("You are a clerk. Ask sven@example.com, account 99, if in doubt.", task)
        ));
        assert!(!are_same(("You are a clerk. Be strict.", task), ("You are a clerk. Be kind.", task)));
    }

    #[test]
    fn agents_that_share_most_words_stay_apart() {
        let task = "I want a refund for my order.";
        assert!(!are_same(
            ("You are the order agent. Be kind.", task),
            ("You are the refund agent. Be kind.", task)
        ));
        assert!(!are_same(
            ("You are worker 1. Be kind.", "Do it."),
            ("You are worker 2. Be kind.", "Do it.")
        ));
    }

    #[test]
    fn a_template_is_named_by_what_its_renderings_share() {
        assert_eq!(name("Lisbon Travel Guide", "Busan Travel Guide"), "{…} Travel Guide");
        assert_eq!(name("Senior wind Researcher", "Senior off shore Researcher"), "Senior {…} Researcher");
        assert_eq!(name("Critic", "Critic"), "Critic");
    }
}
