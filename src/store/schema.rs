//! The tables, as both databases have them. `migrations/` makes them and says what each is for.

mod clinic;
mod door;
mod leftovers;

pub(super) use clinic::{
    access_log, closing, displaced, lot, recovery_code, second_factor, staff, staff_session, staff_site,
    stock_entry, vaccination, visit,
};
pub(super) use door::{
    admission, admission_block, admission_entry, door_minute, door_node, door_second, door_state, draw_party,
    opening, turn_text_declined,
};
pub(super) use leftovers::{leftover, offer, standby, standby_day, standby_site};

diesel::table! {
    node (id) {
        id -> Integer,
        token -> Binary,
        leased_until -> BigInt,
    }
}

diesel::table! {
    change_counter (writer) {
        writer -> Integer,
        transactions -> BigInt,
        value -> BigInt,
    }
}

diesel::table! {
    setting (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    product (id) {
        id -> BigInt,
        code -> Text,
        name_ko -> Text,
        name_en -> Text,
        age_min -> Integer,
        age_max -> Nullable<Integer>,
    }
}

diesel::table! {
    dose_interval (product, dose) {
        product -> BigInt,
        dose -> Integer,
        minimum_days -> Integer,
        proposed_days -> Integer,
        maximum_days -> Integer,
    }
}

diesel::table! {
    product_follows (later, earlier) {
        later -> BigInt,
        earlier -> BigInt,
    }
}

diesel::table! {
    campaign (id) {
        id -> BigInt,
        slug -> Text,
        name_ko -> Text,
        name_en -> Text,
        about_ko -> Text,
        about_en -> Text,
        doses -> Integer,
        opens_at -> BigInt,
        closes_at -> BigInt,
        first_day -> Integer,
        last_day -> Integer,
    }
}

diesel::table! {
    campaign_product (campaign, product) {
        campaign -> BigInt,
        product -> BigInt,
    }
}

diesel::table! {
    campaign_reminder (campaign, doses, days_before) {
        campaign -> BigInt,
        doses -> Text,
        days_before -> Integer,
        minute_of_day -> Integer,
        way -> Text,
    }
}

diesel::table! {
    cohort (campaign, born_from) {
        campaign -> BigInt,
        born_from -> Integer,
        born_to -> Integer,
        opens_at -> BigInt,
    }
}

diesel::table! {
    site (id) {
        id -> BigInt,
        code -> Text,
        import_key -> Text,
        name -> Text,
        province -> Text,
        district -> Text,
        address -> Text,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        phone -> Nullable<Text>,
        step_free -> Bool,
        evenings -> Bool,
        weekend -> Bool,
        parking -> Bool,
        time_zone -> Text,
        hours -> Text,
    }
}

diesel::table! {
    site_product (site, product) {
        site -> BigInt,
        product -> BigInt,
        seats -> Integer,
    }
}

diesel::table! {
    slot (id) {
        id -> BigInt,
        site -> BigInt,
        campaign -> BigInt,
        product -> BigInt,
        starts_at -> BigInt,
        local_date -> Integer,
    }
}

diesel::table! {
    slot_lane (slot, lane) {
        slot -> BigInt,
        lane -> SmallInt,
        site -> BigInt,
        seats -> Integer,
        held -> Integer,
        booked -> Integer,
        version -> BigInt,
        released_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    free_day (site, campaign, product, local_date) {
        site -> BigInt,
        campaign -> BigInt,
        product -> BigInt,
        local_date -> Integer,
        free -> BigInt,
    }
}

diesel::table! {
    seat_change (writer, number) {
        writer -> Integer,
        number -> BigInt,
        at -> BigInt,
        changes -> Text,
    }
}

diesel::table! {
    account (id) {
        id -> BigInt,
        phone_hash -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        email_sealed -> Nullable<Binary>,
        email_verified_at -> Nullable<BigInt>,
        language -> Text,
        epoch -> Integer,
        created_at -> BigInt,
        seen_at -> BigInt,
        erased_at -> Nullable<BigInt>,
        birth_tries -> Integer,
        messages_in -> Nullable<Text>,
        text_reminders -> Bool,
    }
}

diesel::table! {
    person (id) {
        id -> BigInt,
        name_sealed -> Nullable<Binary>,
        birth_sealed -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        identity_key -> Nullable<Binary>,
        same_person_as -> Nullable<BigInt>,
        suspected_duplicate_of -> Nullable<BigInt>,
        created_at -> BigInt,
        erased_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    care (id) {
        id -> BigInt,
        account -> BigInt,
        person -> BigInt,
        number -> Integer,
        relation -> Text,
        messages_to -> Text,
        consent_at -> Nullable<BigInt>,
        created_at -> BigInt,
        removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    party (id) {
        id -> BigInt,
        token -> Text,
        account -> BigInt,
        campaign -> BigInt,
        site -> BigInt,
        state -> Text,
        extensions -> Integer,
        expires_at -> BigInt,
        created_at -> BigInt,
        version -> Integer,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    course (id) {
        id -> BigInt,
        campaign -> BigInt,
        person -> BigInt,
    }
}

diesel::table! {
    booking (id) {
        id -> BigInt,
        reference -> Text,
        party -> BigInt,
        course -> BigInt,
        account -> BigInt,
        person -> BigInt,
        campaign -> BigInt,
        dose -> Integer,
        product -> BigInt,
        site -> BigInt,
        slot -> BigInt,
        lane -> SmallInt,
        starts_at -> BigInt,
        local_date -> Integer,
        state -> Text,
        kind -> Text,
        replaces -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        version -> Integer,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    claim (campaign, person, dose) {
        campaign -> BigInt,
        person -> BigInt,
        dose -> Integer,
        booking -> Nullable<BigInt>,
        pending_hold -> Nullable<BigInt>,
    }
}

diesel::table! {
    challenge (id) {
        id -> BigInt,
        purpose -> Text,
        contact_hash -> Binary,
        contact_sealed -> Binary,
        account -> Nullable<BigInt>,
        booking -> Nullable<BigInt>,
        reachable -> Bool,
        remembered -> Bool,
        language -> Text,
        tries -> Integer,
        sends -> Integer,
        sent_at -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        solved_at -> Nullable<BigInt>,
        press -> Nullable<Binary>,
    }
}

diesel::table! {
    gateway_minute (minute, gateway, node) {
        minute -> BigInt,
        gateway -> Text,
        node -> BigInt,
        sent -> BigInt,
        refused -> BigInt,
        later -> BigInt,
        uncertain -> BigInt,
        cost -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        kind -> Text,
        subject -> BigInt,
        version -> Integer,
        recipient_kind -> Text,
        recipient -> BigInt,
        channel -> Text,
        occasion -> Text,
        due_at -> BigInt,
        state -> Text,
        attempts -> Integer,
        lease -> Nullable<BigInt>,
        leased_until -> Nullable<BigInt>,
        possible_repeat -> Bool,
        gateway -> Nullable<Text>,
        gateway_id -> Nullable<Text>,
        why -> Nullable<Text>,
        created_at -> BigInt,
        done_at -> Nullable<BigInt>,
        tried_at -> Nullable<BigInt>,
        check_at -> Nullable<BigInt>,
        checks -> Integer,
    }
}

diesel::table! {
    ended_session (id_hash) {
        id_hash -> Binary,
        forget_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    node,
    change_counter,
    setting,
    product,
    dose_interval,
    product_follows,
    campaign,
    campaign_product,
    cohort,
    site,
    site_product,
    slot,
    slot_lane,
    free_day,
    seat_change,
    account,
    person,
    care,
    party,
    course,
    booking,
    claim,
    challenge,
    outbox,
    lot,
    visit,
    vaccination,
    standby,
    standby_site,
    leftover,
    offer,
    staff,
    staff_site,
    staff_session,
    second_factor,
    recovery_code,
    closing,
    displaced,
    stock_entry,
    ended_session,
    access_log,
    turn_text_declined,
);
