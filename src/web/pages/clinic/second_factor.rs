//! Setting an authenticator app up. The secret travels sealed in the form, so that nothing changes before a code proves that
//! the app has it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::account::{Knows, knows, own_act};
use super::sign_in_code::{Typed, Used};
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
    /// Whether there is one already, of which a code is asked too.
    has_factor: bool,
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
    /// A code of the app that there was before, or a recovery code.
    #[serde(default)]
    present: String,
}

/// A secret on its way through the page. It counts for the session it was shown in.
#[derive(Serialize, Deserialize)]
struct Offered {
    staff: i64,
    session: String,
    text: String,
    at: i64,
}

/// Shows a new secret. The one before counts until the new one is proved.
pub async fn ask(mut staff: Staff) -> Answer {
    let offered = Offered::new(&staff);
    let page = page_of(&mut staff, offered, FormErrors::none()).await?;
    staff.page(&page)
}

/// Begins with a secret, and shows the recovery codes this once.
pub async fn begin(request: HttpRequest, posted: StaffPosted<FactorForm>) -> Answer {
    let StaffPosted { mut staff, form } = posted;
    let Some(offered) = Offered::open(&staff, &form.secret) else {
        let mut errors = FormErrors::none();
        errors.add("code", "factor-error-late");
        let offered = Offered::new(&staff);
        let page = page_of(&mut staff, offered, errors).await?;
        return staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let factor = offered.factor(&staff)?;
    let id = staff.member.id;
    let known = staff.engine().store.read(move |conn, keys| second_factor::of(conn, keys, id)).await?;
    if let Some(known) = known.as_ref().filter(|known| known.begun_at.as_second() >= offered.at) {
        // The page was answered before. A button that is pressed twice is shown the codes; whoever comes back to an open screen
        // is not.
        let is_same = *known.secret == offered.text
            && factor.step_of(&form.code, staff.engine().now()) == Some(known.last_step)
            && knows(&staff, &form.password).await? == Knows::It;
        return if is_same { shown(&staff, &factor) } else { staff.go_to("/clinic/account") };
    }
    let mut errors = FormErrors::none();
    if let Some(step) = proved(&staff, &factor, &form, &mut errors).await? {
        let replaces = if known.is_some() {
            Some(Typed::read(&staff, &staff.member, &form.present).await?)
        } else {
            None
        };
        match keep(&staff, &factor, (step, replaces), staff_cookie::token(&staff.web, &request)).await? {
            Used::Yes => return shown(&staff, &factor),
            Used::No => errors.add("present", "clinic-error-code"),
            Used::Paused => errors.add("present", "clinic-error-code-paused"),
            Used::TooOften => errors.add("present", "clinic-error-too-often"),
        }
    }
    let page = page_of(&mut staff, offered, errors).await?;
    staff.page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn shown(staff: &Staff, factor: &SecondFactor) -> Answer {
    staff.page(&RecoveryPage { frame: staff.frame(), codes: factor.recovery_codes() })
}

/// The half minute of the code, when it and the password are right.
async fn proved(
    staff: &Staff,
    factor: &SecondFactor,
    form: &FactorForm,
    errors: &mut FormErrors,
) -> Result<Option<i64>, Problem> {
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
    Ok(step.filter(|_| errors.is_empty()))
}

/// Keeps the secret, in the place of the one before if a code of that one is right. Whoever is signed in elsewhere gave no code
/// for it, and is signed out.
async fn keep(
    staff: &Staff,
    factor: &SecondFactor,
    (step, replaces): (i64, Option<Typed>),
    kept: Option<String>,
) -> Result<Used, Problem> {
    let (id, text, keys) = (staff.member.id, factor.text(), staff.engine().keys.clone());
    let codes = factor.recovery_codes();
    let recovery: Vec<LookupHash> = codes.iter().map(|code| keys.recovery_hash(id.0, code)).collect();
    let begin = move |tx: &mut Tx<'_>| -> Result<Used, Failure<Never>> {
        staff_sessions::lock(tx, id)?;
        let token = kept.as_deref();
        match &replaces {
            None if second_factor::has_one(tx.conn, id)? => return Ok(Used::No),
            None => {}
            Some(typed) => match typed.use_up(tx, id, token.unwrap_or_default())? {
                Used::Yes => {}
                other => return Ok(other),
            },
        }
        second_factor::begin(tx, id, &text, step, &recovery)?;
        staff_sessions::end_all(tx, id, token)?;
        access_log::record(tx, &own_act(id, "second-factor"))?;
        Ok(Used::Yes)
    };
    Ok(staff.engine().ledger.write(id.0, begin).await?)
}

impl Offered {
    fn new(staff: &Staff) -> Self {
        let factor = SecondFactor::invent(&staff.member.login, &*staff.engine().chance);
        Self {
            staff: staff.member.id.0,
            session: staff.session.name().to_owned(),
            text: factor.text().to_string(),
            at: staff.engine().now().as_second(),
        }
    }

    /// What a form brings back, if it was shown in this session, and not long ago.
    fn open(staff: &Staff, token: &str) -> Option<Self> {
        let plain = staff.engine().keys.open_token(Use::SecondFactor, token).ok()?;
        let offered: Self = serde_json::from_slice(&plain).ok()?;
        let until = Timestamp::from_second(offered.at).ok()? + PAGE_COUNTS;
        let is_theirs = offered.staff == staff.member.id.0 && offered.session == staff.session.name();
        (is_theirs && staff.engine().now() < until).then_some(offered)
    }

    fn factor(&self, staff: &Staff) -> Result<SecondFactor, Problem> {
        SecondFactor::from_text(&staff.member.login, &self.text).ok_or(Problem::Broken)
    }
}

async fn page_of(staff: &mut Staff, offered: Offered, errors: FormErrors) -> Result<FactorPage, Problem> {
    let factor = offered.factor(staff)?;
    let plain = serde_json::to_vec(&offered).map_err(|_none| Problem::Broken)?;
    let engine = staff.engine().clone();
    let id = staff.member.id;
    let has_factor = engine.store.read(move |conn, _| second_factor::has_one(conn, id)).await?;
    let secret = engine.keys.seal_token(Use::SecondFactor, &plain, &*engine.chance);
    let signs: Vec<char> = offered.text.chars().collect();
    let groups: Vec<String> = signs.chunks(GROUP_SIGNS).map(|group| group.iter().collect()).collect();
    let qr = factor.address().and_then(|address| QrImage::of(&address));
    let text = groups.join(" ");
    Ok(FactorPage { frame: staff.form_frame(), errors, qr, text, secret, has_factor })
}
