//! The one stylesheet, which every page carries inside itself, so that a page is one request.

use std::sync::LazyLock;

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

/// The stylesheet as it stands between `<style>` and `</style>`, byte for byte: the browser hashes exactly this.
pub const STYLE: &str = include_str!("../../static/style.css");

/// The source that allows [`STYLE`] and nothing else in the `style-src` of a Content-Security-Policy: `'sha256-…'`.
pub fn style_source() -> &'static str {
    static SOURCE: LazyLock<String> =
        LazyLock::new(|| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(STYLE.as_bytes()))));
    &SOURCE
}

#[cfg(test)]
mod tests {
    use super::{STYLE, style_source};

    /// A page has 14,000 bytes for everything.
    const MOST_BYTES: usize = 5_000;

    #[test]
    fn the_stylesheet_is_small_and_brings_nothing_from_elsewhere() {
        assert!(STYLE.len() <= MOST_BYTES, "{} bytes", STYLE.len());
        for foreign in ["url(", "@import", "@font-face", "</", "//"] {
            assert!(!STYLE.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn the_policy_names_its_hash() {
        assert!(style_source().starts_with("'sha256-"));
        assert_eq!(style_source().len(), "'sha256-'".len() + 44);
    }
}
