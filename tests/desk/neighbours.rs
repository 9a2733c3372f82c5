//! Several processes on one database: what one does, the others show a moment later, and whoever starts knows it.

use std::sync::Arc;

use futures_util::future::join_all;
use sunbeon::domain::ids::SiteId;
use sunbeon::domain::site::Site;
use sunbeon::engine::Engine;
use sunbeon::engine::availability::FreeDay;
use sunbeon::engine::desk::{ConfirmParty, Hold, ReleaseHold};
use sunbeon::store::{Failure, LedgerError, Never, Tx, sites, timetable};

use crate::app::{TestApp, block_on, wait_for};
use crate::citizens::{citizens, coming, order};
use crate::node::Node;
use crate::on_both;
use crate::sound::{assert_sound, held};

on_both!(
    a_seat_that_another_node_gives_is_gone_here_too,
    an_import_beside_the_service_shows_by_itself,
    who_starts_knows_what_was_done_before,
    counts_read_anew_while_people_book_are_right,
    what_an_operator_changed_by_hand_shows_by_itself,
);

fn days_of(engine: &Engine, site: SiteId, slug: &str) -> Vec<FreeDay> {
    let campaign = engine.country.now().campaign_by_slug(slug).unwrap().id;
    engine.availability.days(site, campaign, engine.today())
}

fn a_seat_that_another_node_gives_is_gone_here_too(app: &TestApp) {
    let (people, site) = (citizens(app, 2), app.site_id(1));
    let slot = block_on(coming(app, site, "covid-2026"))[0].0;
    let before = days_of(&app.engine(), site, "covid-2026");
    let other = Node::start(app);
    let order = order(app, people[0].account, &[(people[0].person, slot)]);
    let (account, campaign) = (order.account, order.campaign.clone());
    let elsewhere = other.engine.desks.clone();
    let held = block_on(elsewhere.order(site, Hold { order, replaces: false })).unwrap();
    // The desk here ran before; it hears of the seat and refuses from memory.
    wait_for("the desk to hear of it", || {
        (block_on(coming(app, site, "covid-2026"))[0].1 == 0).then_some(())
    });
    assert_eq!(days_of(&app.engine(), site, "covid-2026")[0].free, before[0].free - 1);
    assert!(matches!(block_on(people[1].hold(app, slot, false)), Err(LedgerError::Refused(_))));
    let confirm = ConfirmParty { account, token: held.token, campaign, door: None };
    block_on(elsewhere.order(site, confirm)).unwrap();
    assert_sound(app);
    drop(other);
}

/// Stores a site as `sunbeon import` does, with times in the first campaign.
fn import(engine: &Engine, new: Site) -> SiteId {
    let campaigns = engine.country.now().campaigns().to_vec();
    let today = engine.today();
    let save = move |tx: &mut Tx<'_>| -> Result<SiteId, Failure<Never>> {
        let id = sites::save(tx, &new.name, &new)?.id();
        for campaign in &campaigns {
            timetable::fill(tx, id, &new, campaign, today)?;
        }
        Ok(id)
    };
    engine.ledger.write_now(save).unwrap()
}

fn an_import_beside_the_service_shows_by_itself(app: &TestApp) {
    let like = (*app.site(0)).clone();
    let other = Node::start(app);
    let new = Site { name: "새로 생긴 의원".into(), ..like.clone() };
    let known = block_on(coming(app, app.site_id(0), "flu-2026"));
    let engine = other.engine.clone();
    let id = std::thread::spawn(move || import(&engine, new)).join().unwrap();
    let engine = app.engine();
    wait_for("the new site to show", || engine.country.now().site(id).map(|_| ()));
    wait_for("its days to show", || (!days_of(&engine, id, "flu-2026").is_empty()).then_some(()));
    assert_eq!(block_on(coming(app, id, "flu-2026")).len(), known.len());
    assert_sound(app);
    // A known site opens longer: its desk, which runs, must not go on with the old times.
    let engine = other.engine.clone();
    let longer = sunbeon::domain::weekly_hours::WeeklyHours::parse("Mon-Sun 08:00-20:00").unwrap();
    let wider = Site { hours: longer, ..like };
    let id = std::thread::spawn(move || import(&engine, wider)).join().unwrap();
    assert_eq!(id, app.site_id(0), "the file names the same site");
    wait_for("the new times", || (block_on(coming(app, id, "flu-2026")).len() > known.len()).then_some(()));
    assert_sound(app);
    drop(other);
}

fn who_starts_knows_what_was_done_before(app: &TestApp) {
    let people = citizens(app, 6);
    for round in 0..2 {
        block_on(async {
            let times = coming(app, app.site_id(0), "flu-2026").await;
            let holds = people.iter().map(|one| one.hold(app, times[round].0, false));
            join_all(holds).await.into_iter().filter(Result::is_ok).count()
        });
        app.restart();
        assert_sound(app);
        // Holds run out, which is a change too.
        app.pass_minutes(11);
        app.pass_minutes(2);
        block_on(app.engine().keep_stock()).unwrap();
        let waiting = "SELECT COUNT(*) AS number FROM seat_change WHERE changes <> ''";
        assert_eq!(app.database.number(waiting), 0, "all of it is folded into the table");
        app.restart();
        assert_sound(app);
    }
    assert_eq!(held(app), 0, "holds ran out meanwhile");
}

fn counts_read_anew_while_people_book_are_right(app: &TestApp) {
    let people = citizens(app, 20);
    let (engine, site) = (app.engine(), app.site_id(0));
    block_on(async {
        let times = coming(app, site, "flu-2026").await;
        let visits = people.iter().enumerate().map(|(index, citizen)| {
            let (engine, account): (Arc<Engine>, _) = (app.engine(), citizen.account);
            let holds: Vec<_> =
                (0..8).map(|turn| citizen.hold(app, times[(index + turn) % 9].0, true)).collect();
            tokio::spawn(async move {
                for hold in holds {
                    let Ok(held) = hold.await else { continue };
                    let order = ReleaseHold { account, token: held.token };
                    engine.desks.order(site, order).await.unwrap();
                }
            })
        });
        let visits = join_all(visits.collect::<Vec<_>>());
        let anew = async {
            for _ in 0..40 {
                engine.availability.refresh(&engine.store, engine.today()).await.unwrap();
            }
        };
        let (visits, ()) = tokio::join!(visits, anew);
        visits.into_iter().for_each(Result::unwrap);
    });
    assert_eq!(held(app), 0);
    assert_sound(app);
}

fn what_an_operator_changed_by_hand_shows_by_itself(app: &TestApp) {
    let (engine, site) = (app.engine(), app.site_id(0));
    let before = days_of(&engine, site, "flu-2026")[0].free;
    app.database.execute(&format!("UPDATE slot_lane SET seats = seats + 1 WHERE site = {site}")).unwrap();
    block_on(engine.keep_stock()).unwrap();
    engine.desks.forget_all();
    assert!(days_of(&engine, site, "flu-2026")[0].free > before);
    assert_sound(app);
    app.restart();
    assert_sound(app);
}
