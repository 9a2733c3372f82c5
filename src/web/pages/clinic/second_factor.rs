//! Setting an authenticator app up. The secret travels sealed in the form, so that nothing changes before a code proves that
//! the app has it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::account::{Knows, knows, own_act};
use crate::keys::{LookupHash, SecondFactor, Use};
use crate::store::{Failure, Never, Tx, access_log, second_factor, staff_sessions};
use crate::web::form::FormErrors;
use crate::web::page::{Answer, Frame};
use crate::web::pages::paper::QrImage;
use crate::web::posted::StaffPosted;
use crate::web::problem::Problem;
use crate::web::staff_cookie;
use crate::web::visitor::Staff;

/// How long a page with a secret counts.
const PAGE_COUNTS: SignedDuration = SignedDuration::from_mins(30);

/// Signs of the secret that stand together where it is typed.
const GROUP_SIGNS: usize = 4;

#[derive(Template)]
#[template(path = "pages/clinic-second-factor.html")]
struct FactorPage {
    frame: Frame,
    errors: FormErrors,
    qr: Option<QrImage>,
    text: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "pages/clinic-recovery-codes.html")]
struct RecoveryPage {
    frame: Frame,
    codes: Vec<String>,
}

/// What proves that the app has the secret.
#[derive(Deserialize)]
pub struct FactorForm {
    #[serde(default)]
    secret: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
}

/// A secret on its way through the page.
#[derive(Serialize, Deserialize)]
struct Offered {
    staff: i64,
    text: String,
    until: i64,
}

/// Shows a new secret. The one before counts until the new one is proved.
pub async fn ask(mut staff: Staff) -> Answer {
    let factor = invent(&staff);
    let page = page_of(&mut staff, &factor, FormErrors::none())?;
    staff.page(&page)
}

/// Begins with a secret, and shows the recovery codes this once.
pub async fn begin(request: HttpRequest, posted: StaffPosted<FactorForm>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let Some(factor) = offered(&staff, &form.secret) else {
        let mut errors = FormErrors::none();
        errors.add("code", "factor-error-late");
        let factor = invent(&staff);
        let page = page_of(&mut staff, &factor, errors)?;
        return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    match proved(&staff, &factor, &form).await? {
        Ok(step) => keep(&staff, &factor, step, staff_cookie::token(&staff.web, &request)).await?,
        Err(errors) => {
            let page = page_of(&mut staff, &factor, errors)?;
            return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    }
    staff.page(&RecoveryPage { frame: staff.frame(), codes: factor.recovery_codes() })
}

/// The half minute of the code, when it and the password are right.
async fn proved(
    staff: &Staff,
    factor: &SecondFactor,
    form: &FactorForm,
) -> Result<Result<i64, FormErrors>, Problem> {
    let mut errors = FormErrors::none();
    let step = factor.step_of(&form.code, staff.engine().now());
    if step.is_none() {
        errors.add("code", "factor-error-code");
    }
    if form.password.is_empty() {
        errors.add("password", "clinic-error-password");
    } else if step.is_some() {
        match knows(staff, &form.password).await? {
            Knows::It => {}
            Knows::Not => errors.add("password", "account-error-password"),
            Knows::TooOften => errors.add("password", "clinic-error-too-often"),
        }
    }
    Ok(step.filter(|_| errors.is_empty()).ok_or(errors))
}

/// Keeps the secret, unless a button that was pressed twice has kept it already. Whoever is signed in elsewhere gave no code
/// for it, and is signed out.
async fn keep(staff: &Staff, factor: &SecondFactor, step: i64, kept: Option<String>) -> Result<(), Problem> {
    let (id, text, keys) = (staff.member.id, factor.text(), staff.engine().keys.clone());
    let codes = factor.recovery_codes();
    let recovery: Vec<LookupHash> = codes.iter().map(|code| keys.recovery_hash(id.0, code)).collect();
    let begin = move |tx: &mut Tx<'_>| -> Result<(), Failure<Never>> {
        let known = second_factor::of(tx.conn, &keys, id)?;
        if known.is_some_and(|known| *known.secret == *text) {
            return Ok(());
        }
        second_factor::begin(tx, id, &text, step, &recovery)?;
        staff_sessions::end_all(tx, id, kept.as_deref())?;
        Ok(access_log::record(tx, &own_act(id, "second-factor"))?)
    };
    Ok(staff.engine().ledger.write(id.0, begin).await?)
}

fn invent(staff: &Staff) -> SecondFactor {
    SecondFactor::invent(&staff.member.login, &*staff.engine().chance)
}

/// The secret that a form brings back, if it is theirs and not old.
fn offered(staff: &Staff, token: &str) -> Option<SecondFactor> {
    let plain = staff.engine().keys.open_token(Use::SecondFactor, token).ok()?;
    let offered: Offered = serde_json::from_slice(&plain).ok()?;
    let until = Timestamp::from_second(offered.until).ok()?;
    let counts = offered.staff == staff.member.id.0 && staff.engine().now() < until;
    SecondFactor::from_text(&staff.member.login, &offered.text).filter(|_| counts)
}

fn page_of(staff: &mut Staff, factor: &SecondFactor, errors: FormErrors) -> Result<FactorPage, Problem> {
    let text = factor.text();
    let until = staff.engine().now() + PAGE_COUNTS;
    let offered = Offered { staff: staff.member.id.0, text: text.to_string(), until: until.as_second() };
    let plain = serde_json::to_vec(&offered).map_err(|_none| Problem::Broken)?;
    let engine = staff.engine();
    let secret = engine.keys.seal_token(Use::SecondFactor, &plain, &*engine.chance);
    let signs: Vec<char> = text.chars().collect();
    let groups: Vec<String> = signs.chunks(GROUP_SIGNS).map(|group| group.iter().collect()).collect();
    let qr = factor.address().and_then(|address| QrImage::of(&address));
    Ok(FactorPage { frame: staff.form_frame(), errors, qr, text: groups.join(" "), secret })
}
