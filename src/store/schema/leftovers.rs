//! The tables of leftover doses: who stands by for them, what is left over, and what was offered to whom.

diesel::table! {
    standby (id) {
        id -> BigInt,
        ticket -> Text,
        account -> BigInt,
        person -> BigInt,
        campaign -> BigInt,
        metres -> Integer,
        last_day -> Integer,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    standby_site (standby, site) {
        standby -> BigInt,
        site -> BigInt,
    }
}

diesel::table! {
    standby_day (local_date) {
        local_date -> Integer,
        secret_sealed -> Binary,
        fingerprint -> Binary,
    }
}

diesel::table! {
    leftover (id) {
        id -> BigInt,
        site -> BigInt,
        slot -> BigInt,
        local_date -> Integer,
        number -> Integer,
        doses -> Integer,
        staff -> BigInt,
        announced_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    offer (id) {
        id -> BigInt,
        leftover -> BigInt,
        standby -> BigInt,
        number -> Text,
        state -> Text,
        offered_at -> BigInt,
        answer_by -> BigInt,
        answered_at -> Nullable<BigInt>,
        booking -> Nullable<BigInt>,
    }
}
