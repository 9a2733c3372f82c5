//! What is told about a booking, to whom and when.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{date, time};
use sunbeon::domain::campaign::Campaign;
use sunbeon::domain::email::EmailAddress;
use sunbeon::domain::person::{MessagesTo, Relation};
use sunbeon::domain::reminder::{RemindedDoses, ReminderRule, ReminderWay};
use sunbeon::store::people::PersonDetails;
use sunbeon::store::{accounts, campaigns};

use crate::support::home::Home;
use crate::support::people::{someone, someone_with_phone};

crate::on_both!(
    a_reminder_is_due_at_ten_the_day_before,
    a_campaign_says_when_and_how_people_are_reminded,
    cancelling_voids_the_reminder,
    changing_queues_the_reminder_anew,
    a_second_dose_is_remembered_a_week_before,
    an_unproved_phone_gets_one_notice_ever,
    a_proved_phone_is_told_itself,
    a_verified_address_gets_everything_too,
    a_reminder_whose_hour_has_passed_is_not_queued,
);

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn a_reminder_is_due_at_ten_the_day_before(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 26))[0];
    home.book(account, &home.country.flu, &[(me, 1, &slot)]);
    let ten_in_seoul = at("2026-11-25T10:00:00+09:00");
    assert_eq!(home.messages("reminder", "queued"), [("account".to_owned(), account.0, ten_in_seoul)]);
    assert_eq!(home.messages("confirmation", "queued"), [("account".to_owned(), account.0, home.now())]);
}

fn a_campaign_says_when_and_how_people_are_reminded(home: &Home) {
    let rule =
        |doses, days_before, hour, by| ReminderRule { doses, days_before, at: time(hour, 0, 0, 0), by };
    let reminders = vec![
        rule(RemindedDoses::Every, 0, 7, ReminderWay::Sms),
        rule(RemindedDoses::Every, 2, 18, ReminderWay::Email),
        rule(RemindedDoses::Later, 10, 9, ReminderWay::Both),
    ];
    let campaign = Arc::new(Campaign { reminders, ..Campaign::clone(&home.country.shield) });
    let saved = campaign.clone();
    home.write(move |tx| campaigns::save_campaign(tx, &saved));
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (one, two) = (home.shield_slots(date(2026, 11, 26))[0], home.shield_slots(date(2026, 12, 24))[0]);
    let booked = home.book(account, &campaign, &[(me, 1, &one), (me, 2, &two)]);
    let due = |kind, state| home.messages(kind, state).iter().map(|one| one.2).collect::<Vec<_>>();
    // Without an e-mail address it is a text message whatever the campaign says.
    let of_both = [
        at("2026-11-24T18:00:00+09:00"),
        at("2026-11-26T07:00:00+09:00"),
        at("2026-12-22T18:00:00+09:00"),
        at("2026-12-24T07:00:00+09:00"),
    ];
    assert_eq!(due("reminder", "queued"), of_both);
    assert_eq!(due("second-dose-reminder", "queued"), [at("2026-12-14T09:00:00+09:00")]);
    // A change goes by what the campaign says then.
    let fewer =
        Arc::new(Campaign { reminders: campaign.reminders[..1].to_vec(), ..Campaign::clone(&campaign) });
    let saved = fewer.clone();
    home.write(move |tx| campaigns::save_campaign(tx, &saved));
    let later = home.shield_slots(date(2026, 12, 26))[0];
    home.swap(&fewer, &[(booked[1].id, later.id)]).unwrap();
    let left = [of_both[0], of_both[1], at("2026-12-26T07:00:00+09:00")];
    assert_eq!(due("reminder", "queued"), left);
    assert_eq!(due("second-dose-reminder", "queued"), []);
}

fn cancelling_voids_the_reminder(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let slot = home.flu_slots(date(2026, 11, 26))[0];
    let booked = home.book(account, &home.country.flu, &[(me, 1, &slot)])[0].id;
    home.cancel(&[booked]).unwrap();
    assert_eq!((home.messages("reminder", "queued").len(), home.messages("reminder", "void").len()), (0, 1));
    assert_eq!(home.messages("cancellation", "queued").len(), 1);
    assert_eq!(home.messages("confirmation", "queued").len(), 1, "what happened is still told");
}

fn changing_queues_the_reminder_anew(home: &Home) {
    let flu = &home.country.flu;
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (slot, later) = (home.flu_slots(date(2026, 11, 26))[0], home.flu_slots(date(2026, 12, 3))[0]);
    let booked = home.book(account, flu, &[(me, 1, &slot)])[0].id;
    home.swap(flu, &[(booked, later.id)]).unwrap();
    let due = |state| home.messages("reminder", state).iter().map(|one| one.2).collect::<Vec<_>>();
    assert_eq!(due("queued"), [at("2026-12-02T10:00:00+09:00")]);
    assert_eq!(due("void"), [at("2026-11-25T10:00:00+09:00")]);
    home.swap(flu, &[(booked, slot.id)]).unwrap();
    assert_eq!(due("queued"), [at("2026-11-25T10:00:00+09:00")], "back again is queued again");
    assert_eq!(home.messages("change", "queued").len(), 2);
}

fn a_second_dose_is_remembered_a_week_before(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let (one, two) = (home.shield_slots(date(2026, 11, 26))[0], home.shield_slots(date(2026, 12, 24))[0]);
    home.book(account, &home.country.shield, &[(me, 1, &one), (me, 2, &two)]);
    let due = |kind| home.messages(kind, "queued").iter().map(|one| one.2).collect::<Vec<_>>();
    assert_eq!(due("reminder"), [at("2026-11-25T01:00:00Z"), at("2026-12-23T01:00:00Z")]);
    assert_eq!(due("second-dose-reminder"), [at("2026-12-17T01:00:00Z")]);
    assert_eq!(home.messages("confirmation", "queued").len(), 1, "one for the whole party");
}

fn an_unproved_phone_gets_one_notice_ever(home: &Home) {
    let flu = &home.country.flu;
    let account = home.account("010-0000-0001");
    let slots = home.flu_slots(date(2026, 11, 26));
    let typed = || someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    let mother = home.add(account, typed());
    let booked = home.book(account, flu, &[(mother, 1, &slots[0])])[0].id;
    home.swap(flu, &[(booked, slots[1].id)]).unwrap();
    home.cancel(&[booked]).unwrap();
    home.book(account, flu, &[(mother, 1, &slots[2])]);
    // Nor does another account, or another name, bring a second one.
    let stranger = home.account("010-0000-0003");
    let other = home.add(
        stranger,
        PersonDetails { name: someone("박영희", "1950-01-01", Relation::Other).name, ..typed() },
    );
    home.book(stranger, flu, &[(other, 1, &slots[3])]);

    let notices = home.messages("care-notice", "queued");
    assert_eq!(notices, [("person".to_owned(), mother.0, home.now())]);
    let told = |kind| home.messages(kind, "queued").into_iter().filter(|one| one.0 == "person").count();
    assert_eq!(told("confirmation") + told("change") + told("cancellation") + told("reminder"), 0);
    assert_eq!(home.messages("reminder", "queued").len(), 2, "the ones who booked are reminded instead");
}

fn a_proved_phone_is_told_itself(home: &Home) {
    let flu = &home.country.flu;
    let mother = home.account("010-0000-0002");
    let account = home.account("010-0000-0001");
    let slots = home.flu_slots(date(2026, 11, 26));
    let typed = || someone_with_phone("이영희", "1952-04-02", Relation::Mother, "010-0000-0002");
    let theirs = home.add(account, typed());
    home.book(account, flu, &[(theirs, 1, &slots[0])]);
    let to = |kind| home.messages(kind, "queued").into_iter().map(|one| (one.0, one.1)).collect::<Vec<_>>();
    let (booker, person) = (("account".to_owned(), account.0), ("person".to_owned(), theirs.0));
    assert_eq!(to("confirmation"), [booker.clone(), person.clone()]);
    assert_eq!(to("reminder"), [person], "only where the person wants it");

    let father = PersonDetails {
        messages_to: MessagesTo::Both,
        ..someone_with_phone("김철수", "1949-09-12", Relation::Father, "010-0000-0002")
    };
    let father = home.add(account, father);
    home.book(account, flu, &[(father, 1, &slots[1])]);
    assert_eq!(to("reminder").into_iter().filter(|to| *to == booker).count(), 1);
    assert!(to("reminder").contains(&("person".to_owned(), father.0)));
    assert_eq!(to("care-notice"), []);
    assert!(to("confirmation").iter().all(|one| one.1 != mother.0), "her account did not book");
}

fn a_verified_address_gets_everything_too(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    let email = EmailAddress::parse("seoyeon@example.org").unwrap();
    home.write(move |tx| accounts::set_email(tx, account, &email));
    let slot = home.flu_slots(date(2026, 11, 26))[0];
    let booked = home.book(account, &home.country.flu, &[(me, 1, &slot)])[0].id;
    home.cancel(&[booked]).unwrap();
    for kind in ["confirmation", "cancellation"] {
        assert_eq!(home.messages(kind, "queued").len(), 2, "{kind}");
    }
    assert_eq!(home.messages("reminder", "void").len(), 2);
}

fn a_reminder_whose_hour_has_passed_is_not_queued(home: &Home) {
    let (account, me) = home.citizen("010-0000-0001", "김서연", "1990-05-01");
    home.clock.set("2026-11-25T01:00:01Z");
    let slot = home.flu_slots(date(2026, 11, 26))[0];
    home.book(account, &home.country.flu, &[(me, 1, &slot)]);
    assert_eq!(home.messages("reminder", "queued"), []);
}
