//! The model names nearest to a mistyped one, for the sentence of a 404.

/// At most this many names are suggested.
const SUGGESTIONS: usize = 3;
/// Longer names are compared by their first characters only.
const LONGEST: usize = 64;

/// The names nearest to `wanted`, best first; names that share little with it are left out.
pub(super) fn names<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = fold(wanted);
    let mut scored: Vec<(usize, &str)> = known
        .filter_map(|name| {
            let candidate = fold(name);
            let distance = distance(&folded, &candidate);
            let contained =
                !folded.is_empty() && (contains(&candidate, &folded) || contains(&folded, &candidate));
            let near = distance * 2 <= folded.len().max(candidate.len());
            (near || contained).then_some((if contained { distance.min(3) } else { distance }, name))
        })
        .collect();
    scored.sort_unstable();
    scored.truncate(SUGGESTIONS);
    scored.into_iter().map(|(_, name)| name).collect()
}

fn fold(name: &str) -> Vec<char> {
    name.chars().take(LONGEST).flat_map(char::to_lowercase).collect()
}

fn contains(long: &[char], short: &[char]) -> bool {
    short.len() > 2 && long.windows(short.len()).any(|part| part == short)
}

/// Levenshtein.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_the_right_name_first() {
        let known = ["gpt-4o", "gpt-4o-mini", "claude-sonnet", "sim-fast"];
        assert_eq!(names("gtp-4o", known.into_iter())[0], "gpt-4o");
        assert_eq!(names("Sim_Fast", known.into_iter()), ["sim-fast"]);
        assert_eq!(names("gpt-4", known.into_iter()), ["gpt-4o", "gpt-4o-mini"]);
        assert!(names("text-davinci-003", known.into_iter()).is_empty());
        assert!(names("", known.into_iter()).is_empty());
    }
}
