//! The account of staff: an authenticator app, recovery codes, another password, and sessions that are seen and ended.

use reqwest::StatusCode;
use totp_rs::{Builder, Secret};

use crate::app::{Browser, Form, Language, Page, STAFF_PASSWORD, Staff, TestApp};
use crate::clinic::signed_in;
use crate::on_both;

on_both!(
    whoever_has_an_app_gives_a_code_and_each_counts_once,
    a_recovery_code_stands_in_for_a_lost_phone_once,
    five_wrong_codes_begin_with_the_password_again,
    a_new_password_ends_the_other_sessions,
    a_session_elsewhere_is_seen_and_ended,
    a_secret_is_kept_only_with_code_and_password,
);

const ACCOUNT: &str = "/clinic/account";
const FACTOR: &str = "/clinic/account/second-factor";
const NEW_PASSWORD: &str = "비 오는 날에는 우산을";

/// What the app shows now, for a secret as the page groups it.
pub fn code_of(app: &TestApp, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(app.engine().now().as_second().try_into().unwrap()).to_string()
}

/// The secret that the page shows.
pub fn secret_on(page: &Page) -> String {
    page.all("main p b").remove(0)
}

/// Sets an app up: its secret, and the recovery codes.
fn set_up(app: &TestApp, browser: &Browser) -> (String, Vec<String>) {
    let page = browser.get(ACCOUNT).click("인증 앱 설정하기");
    let secret = secret_on(&page);
    let form = page.form(FACTOR).fill("code", &code_of(app, &secret)).fill("password", STAFF_PASSWORD);
    let codes = form.press("").all("main li b");
    assert_eq!(codes.len(), 10, "{codes:?}");
    app.pass_minutes(1);
    (secret, codes)
}

/// The form with a button: several of the page go to the same address.
pub fn with_button(page: &Page, button: &str) -> Form {
    page.forms().into_iter().find(|form| form.has_button(button)).unwrap()
}

/// Signs in by login and password, on a browser of its own: the page that follows.
fn give_password(app: &TestApp, who: Staff, password: &str) -> (Browser, Page) {
    let browser = app.browser(Language::Korean);
    let form = browser.get("/clinic/sign-in").form("sign-in");
    let page = form.fill("login", who.login()).fill("password", password).press("");
    (browser, page)
}

fn whoever_has_an_app_gives_a_code_and_each_counts_once(app: &TestApp) {
    let (secret, _) = set_up(app, &signed_in(app, Staff::Jongno));
    let (browser, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    assert_eq!(asked.path, "/clinic/sign-in/code?next=%2Fclinic");
    let deep = format!("/clinic/{}/roster", app.site(0).code);
    assert!(browser.get(&deep).path.starts_with("/clinic/sign-in?next="), "a password alone opens nothing");
    let code = code_of(app, &secret);
    let asked = browser.get("/clinic/sign-in/code");
    asked.form("code").press("").assert_says("인증 번호를 입력해 주세요.");
    assert_eq!(asked.form("code").fill("code", &code).press("").path, "/clinic");
    assert_eq!(browser.get(&deep).status, StatusCode::OK);
    // Whoever looked over the shoulder has a code that was used.
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    let again = asked.form("code").fill("code", &code).press("");
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    app.pass_minutes(1);
    let page = again.form("code").fill("code", &code_of(app, &secret)).press("");
    assert_eq!(page.path, "/clinic");
    let (_, nurse) = give_password(app, Staff::Haeundae, STAFF_PASSWORD);
    assert!(!nurse.path.contains("/sign-in"), "nobody else is asked for one");
    let (_, late) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    app.pass_minutes(11);
    let late = late.form("code").fill("code", &code_of(app, &secret)).press("");
    assert!(late.path.starts_with("/clinic/sign-in?again=late&next="), "ten minutes are enough: {late:?}");
}

fn a_recovery_code_stands_in_for_a_lost_phone_once(app: &TestApp) {
    let (_, codes) = set_up(app, &signed_in(app, Staff::Jongno));
    let typed = codes[3].to_lowercase().replace('-', " ");
    let (browser, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    assert_eq!(asked.form("code").fill("code", &typed).press("").path, "/clinic");
    browser.get(ACCOUNT).assert_says("쓰지 않은 복구 코드가 9개 남아 있습니다.");
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    let again = asked.form("code").fill("code", &typed).press("");
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "each works once");
    // A new phone: what belonged to the old one is void.
    let page = browser.get(FACTOR);
    let code = code_of(app, &secret_on(&page));
    let form = || page.form(FACTOR).fill("code", &code).fill("password", STAFF_PASSWORD);
    for wrong in ["", "000000", &codes[3]] {
        let refused = form().fill("present", wrong).press("");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "the password alone replaces nothing");
    }
    let newer = form().fill("present", &codes[5]).press("").all("main li b");
    assert_eq!(newer.len(), 10);
    app.pass_minutes(3);
    let stale = form().press("");
    assert_eq!(stale.path, ACCOUNT, "whoever comes back to an open screen sees neither secret nor codes");
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    let old = asked.form("code").fill("code", &codes[4]).press("");
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(old.form("code").fill("code", &newer[0]).press("").path, "/clinic");
}

fn five_wrong_codes_begin_with_the_password_again(app: &TestApp) {
    let (secret, codes) = set_up(app, &signed_in(app, Staff::Jongno));
    let (_, mut page) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    for _ in 0..5 {
        page = page.form("code").fill("code", "000000").press("");
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let right = page.form("code").fill("code", &code_of(app, &secret)).press("");
    right.assert_says("인증 번호를 여러 번 틀렸습니다. 비밀번호부터 다시 입력해 주세요.");
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    assert_eq!(asked.form("code").fill("code", &code_of(app, &secret)).press("").path, "/clinic");
    // From however many networks: thirty an hour are the most for one person, whose recovery codes count all the same.
    app.database.execute("UPDATE staff_session SET tries = 30").unwrap();
    app.pass_minutes(1);
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    let right = asked.form("code").fill("code", &code_of(app, &secret)).press("");
    right.assert_says("틀린 번호를 너무 많이 입력했습니다.");
    assert_eq!(right.form("code").fill("code", &codes[0]).press("").path, "/clinic");
    app.pass_minutes(61);
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    assert_eq!(asked.form("code").fill("code", &code_of(app, &secret)).press("").path, "/clinic");
    // A hundred wrong ones in a row, however slowly: only a recovery code counts.
    app.pass_minutes(61);
    app.database.execute("UPDATE second_factor SET failed = 100").unwrap();
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    let right = asked.form("code").fill("code", &code_of(app, &secret)).press("");
    right.assert_says("틀린 번호를 너무 많이 입력했습니다.");
    assert_eq!(right.form("code").fill("code", &codes[1]).press("").path, "/clinic");
    app.pass_minutes(1);
    let (_, asked) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    assert_eq!(asked.form("code").fill("code", &code_of(app, &secret)).press("").path, "/clinic");
}

fn a_new_password_ends_the_other_sessions(app: &TestApp) {
    let (here, elsewhere) = (signed_in(app, Staff::Jongno), signed_in(app, Staff::Jongno));
    let colleague = signed_in(app, Staff::Haeundae);
    let change = |now: &str, new: &str, again: &str| {
        let form = with_button(&here.get(ACCOUNT), "비밀번호 바꾸기").fill("password", now);
        form.fill("new-password", new).fill("again", again).press("비밀번호 바꾸기")
    };
    for (now, new, again) in [
        ("", NEW_PASSWORD, NEW_PASSWORD),
        (STAFF_PASSWORD, "짧다", "짧다"),
        (STAFF_PASSWORD, NEW_PASSWORD, "다른 긴 비밀번호입니다"),
        ("틀린 비밀번호입니다", NEW_PASSWORD, NEW_PASSWORD),
    ] {
        let page = change(now, new, again);
        assert_eq!((page.status, page.errors().len()), (StatusCode::UNPROCESSABLE_ENTITY, 1), "{now} {new}");
        assert!(!page.body.contains(NEW_PASSWORD), "no password stands in a page");
    }
    change(STAFF_PASSWORD, NEW_PASSWORD, NEW_PASSWORD).assert_says("비밀번호를 바꿨습니다.");
    assert!(elsewhere.get("/clinic").path.starts_with("/clinic/sign-in"));
    assert_eq!(here.get(ACCOUNT).path, ACCOUNT);
    assert_eq!(colleague.get(ACCOUNT).path, ACCOUNT, "nobody else's");
    let (_, old) = give_password(app, Staff::Jongno, STAFF_PASSWORD);
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, new) = give_password(app, Staff::Jongno, NEW_PASSWORD);
    assert_eq!(new.path, "/clinic");
}

fn a_session_elsewhere_is_seen_and_ended(app: &TestApp) {
    let (first, second, third) =
        (signed_in(app, Staff::Jongno), signed_in(app, Staff::Jongno), signed_in(app, Staff::Jongno));
    app.database.execute("UPDATE staff_session SET network_hash = NULL").unwrap();
    let colleague = signed_in(app, Staff::Haeundae);
    let page = first.get(ACCOUNT);
    page.assert_says("지금 보고 있는 화면").assert_says("다른 네트워크의 화면");
    let ended = with_button(&page, "end").press("end");
    ended.assert_says("선택한 화면을 로그아웃시켰습니다.");
    let is_in = |browser: &Browser| browser.get(ACCOUNT).path == ACCOUNT;
    assert_eq!([&second, &third].map(is_in).into_iter().filter(|is_in| *is_in).count(), 1);
    let fourth = signed_in(app, Staff::Jongno);
    let page = first.get(ACCOUNT);
    page.assert_says("같은 네트워크의 다른 화면");
    with_button(&page, "end-others").press("end-others");
    assert_eq!([&first, &second, &third, &fourth, &colleague].map(is_in), [true, false, false, false, true]);
    // Whoever sends the name of somebody else's session ends nothing.
    let token = with_button(&first.get(ACCOUNT), "비밀번호 바꾸기").value("csrf").unwrap().to_owned();
    let theirs: String = {
        let page = signed_in(app, Staff::Haeundae).get(ACCOUNT);
        with_button(&page, "end").value("session").unwrap().to_owned()
    };
    first.post(ACCOUNT, &[("csrf", &token), ("act", "end"), ("session", &theirs)]);
    assert!(is_in(&colleague));
}

fn a_secret_is_kept_only_with_code_and_password(app: &TestApp) {
    let browser = signed_in(app, Staff::Jongno);
    let page = browser.get(FACTOR);
    let secret = secret_on(&page);
    let send = |page: &Page, code: &str, password: &str| {
        page.form(FACTOR).fill("code", code).fill("password", password).press("")
    };
    let code = code_of(app, &secret);
    for (code, password) in [("", ""), ("000000", STAFF_PASSWORD), (&*code, ""), (&*code, "틀린 비밀번호")]
    {
        let again = send(&page, code, password);
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(secret_on(&again), secret, "the picture that was scanned stays the right one");
    }
    app.pass_minutes(31);
    let late = send(&page, &code_of(app, &secret), STAFF_PASSWORD);
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(secret_on(&late), secret);
    // Somebody else's secret is nobody's here.
    let theirs = signed_in(app, Staff::Haeundae).get(FACTOR);
    let token = browser.get(FACTOR).form(FACTOR).value("csrf").unwrap().to_owned();
    let sealed = theirs.form(FACTOR).value("secret").unwrap().to_owned();
    let code = code_of(app, &secret_on(&theirs));
    let fields =
        [("csrf", token.as_str()), ("secret", &sealed), ("code", &code), ("password", STAFF_PASSWORD)];
    assert_eq!(browser.post(FACTOR, &fields).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.database.number("SELECT COUNT(*) AS number FROM second_factor"), 0);
}
