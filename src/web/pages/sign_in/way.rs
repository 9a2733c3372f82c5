//! Where signing in leads: to a page, or to a form that was sent too early. It travels in the query.

use serde::Deserialize;

use crate::web::page::{in_query, local_path};
use crate::web::resume::Resume;
use crate::web::visitor::Visitor;

/// The query of the pages of signing in.
#[derive(Debug, Default, Deserialize)]
pub struct Way {
    #[serde(default)]
    next: String,
    #[serde(default)]
    resume: String,
    #[serde(default)]
    why: String,
}

/// Where it leads, opened in the old session and not yet sealed for the new one.
pub struct OpenedWay {
    next: String,
    form: Option<Resume>,
}

impl Way {
    /// The page to go to.
    pub fn next(&self) -> &str {
        local_path(&self.next)
    }

    /// The sealed form.
    pub fn resume(&self) -> &str {
        &self.resume
    }

    /// One word about what was done before.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// Whether what was asked on the way there is over, or lost.
    pub fn is_lost(&self) -> bool {
        self.why == "lost"
    }

    /// The key of what the first page says about how the visitor came there.
    pub fn notice(&self) -> Option<&'static str> {
        match self.why.as_str() {
            "lost" => Some("sign-in-lost"),
            "everywhere" => Some("sign-in-out-everywhere"),
            "erased" => Some("sign-in-erased"),
            _ if !self.resume.is_empty() => Some("sign-in-kept"),
            _ => None,
        }
    }

    /// A page of signing in that leads the same way.
    pub fn to(&self, path: &str) -> String {
        self.because(path, "")
    }

    /// Like [`Way::to`], with a word about what was done.
    pub fn because(&self, path: &str, why: &str) -> String {
        let parts = [("next", &*self.next), ("resume", &*self.resume), ("why", why)];
        let query: Vec<String> = parts
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", in_query(value)))
            .collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }

    /// Where somebody goes who is signed in.
    pub fn onward(&self, visitor: &Visitor) -> String {
        self.opened(visitor).sealed(visitor)
    }

    /// Opens the form with the session it was sent in, before signing in changes that.
    pub fn opened(&self, visitor: &Visitor) -> OpenedWay {
        OpenedWay { next: self.next().to_owned(), form: Resume::open(visitor, &self.resume) }
    }
}

impl OpenedWay {
    /// The page or, for the session as it is now, the form.
    pub fn sealed(&self, visitor: &Visitor) -> String {
        match self.form.as_ref().and_then(|form| form.seal(visitor)) {
            Some(sealed) => format!("/sign-in/continue?resume={sealed}"),
            None => self.next.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(next: &str, resume: &str) -> Way {
        Way { next: next.to_owned(), resume: resume.to_owned(), why: String::new() }
    }

    #[test]
    fn the_way_is_kept_from_page_to_page() {
        assert_eq!(way("", "").to("/sign-in"), "/sign-in");
        assert_eq!(
            way("/book/flu?p=1&p=2", "abc").because("/sign-in/code", "soon"),
            "/sign-in/code?next=%2Fbook%2Fflu%3Fp%3D1%26p%3D2&resume=abc&why=soon"
        );
    }

    #[test]
    fn the_way_never_leads_elsewhere() {
        assert_eq!(way("//evil.example", "").next(), "/");
        assert_eq!(way("/people", "").next(), "/people");
    }
}
