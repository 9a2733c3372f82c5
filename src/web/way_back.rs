//! Where one comes back to: an address that only takes forms can't be shown, so that the nearest page above it stands for it.

use std::sync::LazyLock;

use super::routes;

/// Paths of the URL map, with whether they are shown when they are asked for.
static PATHS: LazyLock<Vec<(Vec<&'static str>, bool)>> = LazyLock::new(|| {
    let known = routes::map(true).into_iter();
    known.map(|route| (route.path.split('/').collect(), route.needs("GET").is_some())).collect()
});

/// The path and query of a form, when a page is shown there, or else the path of the nearest page above it.
pub(super) fn shown(path_and_query: &str) -> &str {
    let mut path = path_and_query.split('?').next().unwrap_or_default();
    // An address that nobody knows answers to no verb, and is not mended here.
    if is_shown(path) != Some(false) {
        return path_and_query;
    }
    while let Some((above, _)) = path.rsplit_once('/') {
        if is_shown(above) == Some(true) {
            return above;
        }
        path = above;
    }
    "/"
}

/// Whether a page is shown at a path; `None` when there is no such path.
fn is_shown(path: &str) -> Option<bool> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |known: &[&str]| {
        known.len() == parts.len()
            && known.iter().zip(&parts).all(|(known, part)| known.starts_with('{') || known == part)
    };
    PATHS.iter().find(|(known, _)| fits(known)).map(|(_, is_shown)| *is_shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_the_page_above_it() {
        for (form, page) in [
            ("/hold/ABC/confirm", "/hold/ABC"),
            ("/sign-in/again?x=1", "/sign-in"),
            ("/find/again", "/find"),
            ("/sign-out", "/"),
            ("/me/email/again", "/me/email"),
            ("/clinic/sign-out", "/clinic"),
            ("/people/new?relation=me", "/people/new?relation=me"),
            ("/nowhere/at/all?x", "/nowhere/at/all?x"),
        ] {
            assert_eq!(shown(form), page);
        }
    }
}
