//! Pages carry no script, no inline style and nothing from elsewhere: the content security policy would refuse them.

use crate::assert_none;
use crate::source::files_under;

/// Attributes that load or lead somewhere.
const ADDRESSES: [&str; 5] = ["src=", "href=", "action=", "srcset=", "formaction="];

/// What is wrong with a template, if anything.
fn violations(html: &str) -> Vec<String> {
    let lower = html.to_lowercase();
    let mut found = Vec::new();
    if lower.contains("<script") {
        found.push("<script".to_owned());
    }
    for tag in tags(&lower) {
        // w3m sends a form without an address to the page's, but without its query.
        if tag.starts_with("form") && !tag.contains("action=") {
            found.push(format!("<{tag}> without action="));
        }
        for attribute in tag.split_whitespace().skip(1) {
            let handler = attribute.strip_prefix("on").and_then(|rest| rest.split_once('='));
            let is_handler = handler
                .is_some_and(|(event, _)| !event.is_empty() && event.chars().all(|c| c.is_ascii_lowercase()));
            if attribute.starts_with("style=") || is_handler || leads_elsewhere(attribute) {
                found.push(attribute.to_owned());
            }
        }
    }
    found
}

/// The inside of every tag, with template expressions left in.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|tag| tag.split('>').next().unwrap_or(tag))
}

/// Whether an attribute names another host, as in `href="https://…` or `src="//…`; `geo:`, `tel:` and `mailto:` are fine.
fn leads_elsewhere(attribute: &str) -> bool {
    let address = ADDRESSES.iter().find_map(|name| attribute.strip_prefix(name));
    address.is_some_and(|address| {
        let address = address.trim_start_matches(['"', '\'']);
        ["http:", "https:", "//", "data:", "javascript:"].iter().any(|start| address.starts_with(start))
    })
}

#[test]
fn templates_carry_no_script_style_or_foreign_address() {
    let mut found = Vec::new();
    let files = files_under("templates");
    for file in files.iter().filter(|file| file.extension() == "html") {
        found.extend(violations(&file.text).into_iter().map(|what| format!("{}: {what}", file.path)));
    }
    assert_none("templates must do without", &found);
}

#[test]
fn stylesheets_load_nothing_from_elsewhere() {
    let files = files_under("static");
    let foreign =
        |text: &str| ["@import", "http:", "https:", "url(//"].iter().any(|what| text.contains(what));
    let found: Vec<String> = files
        .iter()
        .filter(|file| file.extension() == "css" && foreign(&file.text))
        .map(|file| file.path.clone())
        .collect();
    assert_none("stylesheets name another host", &found);
}

#[test]
fn the_rule_sees_what_it_forbids() {
    assert_eq!(violations("<p style=\"a\"><b onclick='x'><a href=\"https://x.org\"><img src=//x>").len(), 4);
    assert!(
        violations("<a href=\"tel:1\" data-once=\"1\">one < two, on=1</a> <form action=\"/on=\">").is_empty()
    );
    assert!(violations("<SCRIPT>").contains(&"<script".to_owned()));
}
