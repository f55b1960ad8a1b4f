//! The house rules that a reader would otherwise have to keep by hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use aop_tests::workspace::{files, root, rust_sources};
use syn::spanned::Spanned;
use syn::visit::Visit;

const LONGEST_FILE_LINES: usize = 500;
const LONGEST_FUNCTION_LINES: usize = 100;

/// Who may import whom, as in ARCHITECTURE.md. A crate without a row fails the test.
const ALLOWED_EDGES: &[(&str, &[&str])] = &[
    (
        "aop",
        &[
            "aop-domain",
            "aop-identity",
            "aop-service",
            "aop-store",
            "aop-spool",
            "aop-clickhouse",
            "aop-clickhouse-embedded",
            "aop-proxy",
            "aop-collector",
            "aop-api",
            "aop-runner",
            "aop-simulator",
        ],
    ),
    (
        "aop-proxy",
        &["aop-domain", "aop-dialects", "aop-guard", "aop-identity", "aop-service", "aop-store", "aop-spool"],
    ),
    ("aop-dialects", &["aop-domain"]),
    ("aop-collector", &["aop-domain", "aop-identity", "aop-service", "aop-store", "aop-clickhouse"]),
    ("aop-api", &["aop-domain", "aop-guard", "aop-identity", "aop-service", "aop-store", "aop-clickhouse"]),
    ("aop-runner", &["aop-domain", "aop-service", "aop-store", "aop-spool"]),
    ("aop-store", &["aop-domain"]),
    ("aop-clickhouse", &["aop-domain"]),
    ("aop-spool", &["aop-domain"]),
    ("aop-service", &["aop-domain"]),
    ("aop-guard", &["aop-domain"]),
    ("aop-domain", &[]),
    ("aop-identity", &[]),
    ("aop-simulator", &[]),
    ("aop-clickhouse-embedded", &[]),
];

/// Crates that look at everything from outside.
const OBSERVERS: &[&str] = &["aop-tests", "aop-bench"];

#[test]
fn crates_import_only_what_the_house_allows() {
    let manifest = root().join("Cargo.toml");
    let metadata = cargo_metadata::MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    let mut wrong = Vec::new();
    for package in metadata.packages.iter().filter(|package| !OBSERVERS.contains(&package.name.as_str())) {
        let row = ALLOWED_EDGES.iter().find(|(name, _)| *name == package.name.as_str());
        let (_, may) = row.unwrap_or_else(|| panic!("{} has no row in ALLOWED_EDGES", package.name));
        for dependency in &package.dependencies {
            let shipped = dependency.kind == cargo_metadata::DependencyKind::Normal;
            if shipped && dependency.name.starts_with("aop-") && !may.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} imports {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "edges the house does not allow: {wrong:#?}");
}

#[test]
fn no_file_is_longer_than_500_lines_without_its_tests() {
    let mut long = Vec::new();
    for path in rust_sources().unwrap() {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let lines = lines_before_tests(&text);
        if lines > LONGEST_FILE_LINES {
            long.push(format!("{}: {lines}", path.display()));
        }
    }
    for path in files().unwrap() {
        let shown = path.to_string_lossy().into_owned();
        let ours =
            shown.starts_with("ui/src/") && !shown.contains(".test.") && !shown.ends_with("schema.d.ts");
        if ours && (shown.ends_with(".ts") || shown.ends_with(".tsx")) {
            let lines = std::fs::read_to_string(root().join(&path)).unwrap().lines().count();
            if lines > LONGEST_FILE_LINES {
                long.push(format!("{shown}: {lines}"));
            }
        }
    }
    assert!(long.is_empty(), "files over {LONGEST_FILE_LINES} lines: {long:#?}");
}

fn lines_before_tests(text: &str) -> usize {
    let tests_start = text.lines().position(|line| line.trim_start().starts_with("#[cfg(test)]"));
    tests_start.unwrap_or_else(|| text.lines().count())
}

#[derive(Default)]
struct LongFunctions {
    found: Vec<(String, usize)>,
}

impl LongFunctions {
    fn measure(&mut self, name: &syn::Ident, block: &syn::Block) {
        let lines = block.span().end().line - block.span().start().line + 1;
        if lines > LONGEST_FUNCTION_LINES {
            self.found.push((name.to_string(), lines));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test")
        });
        if !is_test {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig.ident, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig.ident, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }
}

#[test]
fn no_function_is_longer_than_100_lines() {
    let mut long = Vec::new();
    for path in rust_sources().unwrap() {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut functions = LongFunctions::default();
        functions.visit_file(&parsed);
        let found = functions.found.into_iter();
        long.extend(found.map(|(name, lines)| format!("{}: {name} has {lines}", path.display())));
    }
    assert!(long.is_empty(), "functions over {LONGEST_FUNCTION_LINES} lines: {long:#?}");
}

#[test]
fn every_crate_root_says_what_it_is_and_what_never_belongs_in_it() {
    let mut silent = Vec::new();
    for path in rust_sources().unwrap() {
        if path.ends_with("src/lib.rs") || path.as_os_str() == "src/main.rs" {
            let text = std::fs::read_to_string(root().join(&path)).unwrap();
            let doc: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
            if !doc.to_lowercase().contains("never") {
                silent.push(path.display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "crate roots that do not say what never belongs in them: {silent:#?}");
}

#[test]
fn every_module_opens_with_a_sentence_about_itself() {
    let mut silent = Vec::new();
    for path in rust_sources().unwrap() {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        if !text.starts_with("//!") {
            silent.push(path.display().to_string());
        }
    }
    assert!(silent.is_empty(), "files that do not open with `//!`: {silent:#?}");
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let known: BTreeSet<String> =
        files().unwrap().iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let mut gone = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(document))
            .unwrap_or_else(|_| panic!("{document} is missing"));
        for named in paths_in(&text) {
            let folder = format!("{}/", named.trim_end_matches('/'));
            let exists = known.contains(&named) || known.iter().any(|file| file.starts_with(&folder));
            if !exists {
                gone.push(format!("{document} names {named}"));
            }
        }
    }
    assert!(gone.is_empty(), "documents name what is not there: {gone:#?}");
}

/// Words in backticks that look like a path of this checkout: a slash inside, and a first part that is one of our folders.
fn paths_in(text: &str) -> Vec<String> {
    const TOP: &[&str] = &[
        "proxy",
        "collector",
        "runner",
        "clickhouse",
        "migrations",
        "ui",
        "src",
        "crates",
        "tests",
        "bench",
        "docs",
        "engines",
        "scripts",
        "sdks",
        ".ci",
        ".config",
    ];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c)))
        .filter(|word| {
            word.split_once('/').is_some_and(|(top, _)| TOP.contains(&top) || word.starts_with("api/src"))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn unsafe_code_stands_in_the_library_binding_only() {
    let mut wrong = Vec::new();
    for path in rust_sources().unwrap() {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        let has_unsafe = text.lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            ["unsafe {", "unsafe fn", "unsafe impl", "allow(unsafe_code"]
                .iter()
                .any(|form| code.contains(form))
        });
        if has_unsafe && !path.starts_with("clickhouse/embedded/src") {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "unsafe outside clickhouse/embedded: {wrong:#?}");
}

/// Floors from published advisories: the advisory database itself cannot be assumed to be reachable.
const SECURITY_FLOORS: &[(&str, [u64; 3])] = &[
    ("pingora-core", [0, 8, 0]),
    ("h2", [0, 4, 11]),
    ("jsonwebtoken", [10, 3, 0]),
    ("sqlx", [0, 8, 1]),
    ("tungstenite", [0, 20, 1]),
    ("rustls", [0, 23, 18]),
    ("rustls-webpki", [0, 103, 13]),
    ("idna", [1, 0, 0]),
    ("lru", [0, 16, 3]),
];

#[test]
fn no_dependency_is_older_than_a_known_security_fix() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let mut old = Vec::new();
    for block in lock.split("[[package]]").skip(1) {
        let value = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.map(|rest| rest.trim_start_matches(" = ").trim_matches('"').to_owned())
        };
        let (Some(name), Some(version)) = (value("name"), value("version")) else { continue };
        let parts: Vec<u64> =
            version.split(['.', '-', '+']).take(3).map(|part| part.parse().unwrap_or(0)).collect();
        let floor = SECURITY_FLOORS.iter().find(|(floored, _)| *floored == name);
        if floor.is_some_and(|(_, floor)| parts.as_slice() < floor.as_slice()) {
            old.push(format!("{name} {version}"));
        }
    }
    assert!(old.is_empty(), "dependencies below a security floor: {old:#?}");
}
