//! Builds this crate anew when a migration is added or changed: the compiler does not see that by itself.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
