//! What is wrong with a form that was sent, in an order and in words that the page can show.

use crate::language::{Language, Phrase};

/// Something that a field needs. The same words stand in the summary on top and at the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The `id` of the field, to which the summary links.
    pub field: &'static str,
    /// The key of the words in the catalog.
    pub key: &'static str,
    /// The variables of the words: limits, never what the visitor typed.
    pub limits: Vec<(&'static str, i64)>,
}

impl FieldError {
    /// The words for the visitor.
    pub fn say(&self, language: Language) -> Phrase<'static> {
        self.limits.iter().fold(language.say(self.key), |phrase, (name, value)| phrase.with(name, *value))
    }
}

/// The errors of a form, in the order of its fields. Empty when the form can be accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<FieldError>);

impl FormErrors {
    /// A form without errors, as it is first shown.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Notes that `field` has the error that the catalog describes under `key`. A field shows its first error only: one
    /// thing to mend at a time.
    pub fn add(&mut self, field: &'static str, key: &'static str) {
        self.add_with(field, key, &[]);
    }

    /// Like [`FormErrors::add`], for words with numbers in them.
    pub fn add_with(&mut self, field: &'static str, key: &'static str, limits: &[(&'static str, i64)]) {
        if self.of(field).is_none() {
            self.0.push(FieldError { field, key, limits: limits.to_vec() });
        }
    }

    /// The error of a field.
    pub fn of(&self, field: &str) -> Option<&FieldError> {
        self.0.iter().find(|error| error.field == field)
    }

    /// Whether the form can be accepted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All errors, for the summary.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a FormErrors {
    type Item = &'a FieldError;
    type IntoIter = std::slice::Iter<'a, FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;
    use scraper::{Html, Selector};

    use super::FormErrors;
    use crate::language::Language;

    /// What `base.html` and the components ask of a page.
    struct Frame {
        language: Language,
        csrf: String,
        signed_in: bool,
        mark: String,
        path: String,
        demo: bool,
        staff: Option<String>,
        leads: bool,
        notice: Option<String>,
    }

    #[derive(Template)]
    #[template(
        ext = "html",
        source = r#"{% extends "base.html" %}{% import "components/form.html" as form %}
{% block title %}{{ form::error_prefix(errors) }}{{ l.say("button-add") }}{% endblock %}
{% block main %}{{ form::error_summary(errors) }}{{ form::back("/people") }}{{ form::steps(1, 4) }}
<form method="post" novalidate>{{ form::csrf() }}
{{ form::text("name", l.say("frame-me"), name, errors, hint=l.say("frame-help"), autocomplete="name") }}
{{ form::birth_date("birth", "birth", "1947", "13", "9", errors) }}
{% call form::choose("relation", "relation", errors) %}{{ form::radio("relation", "mother", "mother", checked=true) }}
{{ form::checkbox("evening", "yes", "evening") }}{% endcall %}
{{ form::tick("consent", "consent", false, errors) }}{{ form::button(l.say("button-continue")) }}</form>
{{ form::act("/remove", l.say("button-remove"), look="button-warn") }}{% endblock %}"#
    )]
    struct PersonPage {
        frame: Frame,
        errors: FormErrors,
        name: String,
    }

    fn page(language: Language, errors: FormErrors) -> Html {
        let frame = Frame {
            language,
            csrf: "token".to_owned(),
            signed_in: true,
            mark: String::new(),
            path: "/people/new".to_owned(),
            demo: true,
            staff: None,
            leads: false,
            notice: Some("notice".to_owned()),
        };
        let page = PersonPage { frame, errors, name: "<b>\"김순자\"".to_owned() }.render().unwrap();
        assert!(!page.contains('⟨') && !page.contains("style="), "{page}");
        Html::parse_document(&page)
    }

    fn select<'a>(page: &'a Html, selector: &str) -> Vec<scraper::ElementRef<'a>> {
        page.select(&Selector::parse(selector).unwrap()).collect()
    }

    fn wrong() -> FormErrors {
        let mut errors = FormErrors::none();
        errors.add("name", "error-name");
        errors.add("birth", "error-date");
        errors.add("consent", "error-consent");
        errors
    }

    #[test]
    fn errors_stand_in_the_title_in_the_summary_and_at_the_field_in_the_same_words() {
        for &language in Language::all() {
            let page = page(language, wrong());
            let title: String = select(&page, "title")[0].text().collect();
            assert!(title.starts_with(&language.say("error-title").to_string()), "{title}");
            let links = select(&page, ".error-summary a");
            assert_eq!(links.len(), 3);
            for link in links {
                let field = link.attr("href").unwrap();
                assert_eq!(select(&page, field)[0].value().name(), "input", "{field}");
                let at_field: String = select(&page, &format!("{field}-error"))[0].text().collect();
                let summary = link.text().collect::<String>();
                assert_eq!(
                    at_field,
                    format!("{} {summary}", language.say("error-title")),
                    "the colour is not alone"
                );
            }
        }
    }

    #[test]
    fn every_description_exists_and_every_input_has_a_label() {
        for errors in [FormErrors::none(), wrong()] {
            let page = page(Language::English, errors);
            for described in select(&page, "[aria-describedby]") {
                for id in described.attr("aria-describedby").unwrap().split(' ') {
                    assert_eq!(select(&page, &format!("#{id}")).len(), 1, "{id}");
                }
            }
            for input in select(&page, "main input:not([type=hidden]):not([type=radio]):not([type=checkbox])")
            {
                assert_eq!(select(&page, &format!("label[for={}]", input.attr("id").unwrap())).len(), 1);
            }
            assert_eq!(select(&page, "label.option > input").len(), 3);
            assert_eq!(select(&page, "form").len(), select(&page, "form > input[name=csrf]").len());
        }
    }

    #[test]
    fn what_was_typed_is_kept_and_harmless() {
        let page = page(Language::Korean, FormErrors::none());
        assert_eq!(select(&page, "#name")[0].attr("value"), Some("<b>\"김순자\""));
        assert!(select(&page, ".error-summary, .wrong, .error").is_empty());
        assert_eq!(select(&page, "html")[0].attr("lang"), Some("ko"));
    }
    #[test]
    fn a_field_shows_its_first_error_and_the_summary_keeps_the_order() {
        let mut errors = FormErrors::none();
        assert!(errors.is_empty());
        errors.add_with("name", "error-too-long", &[("most", 40)]);
        errors.add("birth", "error-date");
        errors.add("name", "error-name");
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "birth"]);
        let name = errors.of("name").unwrap();
        assert_eq!(name.say(Language::English).to_string(), "Use no more than 40 characters.");
        assert!(errors.of("phone").is_none());
    }
}
