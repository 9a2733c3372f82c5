//! The tables of the clinic: who works there, what they did, and who looked at whom.

diesel::table! {
    staff (id) {
        id -> BigInt,
        login -> Text,
        password_hash -> Text,
        role -> Text,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_site (staff, site) {
        staff -> BigInt,
        site -> BigInt,
    }
}

diesel::table! {
    staff_session (token_hash) {
        token_hash -> Binary,
        staff -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        awaits_code -> Bool,
        tries -> Integer,
        network_hash -> Nullable<Binary>,
    }
}

diesel::table! {
    second_factor (staff) {
        staff -> BigInt,
        secret_sealed -> Binary,
        last_step -> BigInt,
        failed -> Integer,
        begun_at -> BigInt,
    }
}

diesel::table! {
    recovery_code (staff, code_hash) {
        staff -> BigInt,
        code_hash -> Binary,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    stock_entry (id) {
        id -> BigInt,
        lot -> BigInt,
        act -> Text,
        doses -> Integer,
        why -> Nullable<Text>,
        local_date -> Integer,
        staff -> BigInt,
        at -> BigInt,
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    closing (id) {
        id -> BigInt,
        site -> BigInt,
        local_date -> Integer,
        from_at -> BigInt,
        until_at -> BigInt,
        staff -> BigInt,
        closed_at -> BigInt,
    }
}

diesel::table! {
    displaced (booking, version) {
        booking -> BigInt,
        version -> Integer,
        closing -> BigInt,
        told_at -> Nullable<BigInt>,
        kept_slot -> Nullable<BigInt>,
        kept_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    access_log (chain, sequence) {
        chain -> Integer,
        sequence -> BigInt,
        at -> BigInt,
        staff -> BigInt,
        action -> Text,
        booking -> Nullable<BigInt>,
        site -> Nullable<BigInt>,
        reason_sealed -> Nullable<Binary>,
        hash -> Binary,
    }
}

diesel::table! {
    lot (id) {
        id -> BigInt,
        site -> BigInt,
        product -> BigInt,
        number -> Text,
        expires_on -> Integer,
        recalled_at -> Nullable<BigInt>,
        added_by -> BigInt,
        added_at -> BigInt,
    }
}

diesel::table! {
    visit (id) {
        id -> BigInt,
        booking -> BigInt,
        act -> Text,
        staff -> BigInt,
        at -> BigInt,
        identified -> Nullable<Text>,
        screened -> Nullable<Bool>,
    }
}

diesel::table! {
    vaccination (id) {
        id -> BigInt,
        visit -> BigInt,
        booking -> BigInt,
        lot -> BigInt,
        dose -> Integer,
        body_site -> Text,
        ended_by -> Nullable<BigInt>,
    }
}
