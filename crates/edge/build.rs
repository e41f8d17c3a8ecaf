//! The hub is compiled anew when the built web clients, which it embeds, change.

fn main() {
    println!("cargo::rerun-if-changed=../../web/dist");
}
