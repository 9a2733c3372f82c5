//! The tables of the door.

diesel::table! {
    opening (id) {
        id -> BigInt,
        code -> Text,
        campaign -> BigInt,
        born_from -> Nullable<Integer>,
        born_to -> Nullable<Integer>,
        joins_from -> BigInt,
        opens_at -> BigInt,
        ends_at -> BigInt,
        expected -> BigInt,
        sessions -> Integer,
        draw_key_sealed -> Nullable<Binary>,
        fingerprint -> Nullable<Binary>,
        beacon -> Text,
        beacon_at -> Nullable<BigInt>,
        beacon_named_at -> Nullable<BigInt>,
        beacon_value -> Nullable<Binary>,
        drawn_at -> Nullable<BigInt>,
        published_at -> Nullable<BigInt>,
        places -> Text,
        told_to -> Nullable<BigInt>,
    }
}

diesel::table! {
    draw_party (id) {
        id -> BigInt,
        opening -> BigInt,
        number -> Integer,
        name_ko -> Text,
        name_en -> Text,
        outside -> Bool,
        commitment -> Binary,
        committed_at -> Nullable<BigInt>,
        seed_sealed -> Nullable<Binary>,
        revealed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    door_state (opening) {
        opening -> BigInt,
        leader -> Integer,
        fence -> BigInt,
        led_until -> BigInt,
        turned_at -> BigInt,
        threshold -> Nullable<BigInt>,
        rate -> Double,
        paused -> Bool,
        people -> Nullable<Double>,
        cap -> Double,
        cap_least -> Double,
        cap_held -> Integer,
        admitted -> BigInt,
        booked -> BigInt,
        crowd -> Binary,
        note_ko -> Text,
        note_en -> Text,
        line_began -> Nullable<BigInt>,
    }
}

diesel::table! {
    door_node (node) {
        node -> Integer,
        told_at -> BigInt,
        step_ms -> Nullable<BigInt>,
        behind_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    admission (opening, phone_hash) {
        opening -> BigInt,
        phone_hash -> Binary,
        place -> BigInt,
        began_at -> BigInt,
        ends_at -> BigInt,
        ticket_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    admission_entry (opening, phone_hash) {
        opening -> BigInt,
        phone_hash -> Binary,
        number -> Nullable<BigInt>,
        entry -> Binary,
    }
}

diesel::table! {
    admission_block (opening, number) {
        opening -> BigInt,
        number -> BigInt,
        root -> Binary,
    }
}

diesel::table! {
    door_minute (opening, at) {
        opening -> BigInt,
        at -> BigInt,
        size -> BigInt,
        root -> Binary,
    }
}

diesel::table! {
    door_second (opening, at) {
        opening -> BigInt,
        at -> BigInt,
        threshold -> Nullable<BigInt>,
        admitted -> BigInt,
        alive -> BigInt,
        booked -> BigInt,
        cap -> BigInt,
        step_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    turn_text_declined (opening, account) {
        opening -> BigInt,
        account -> BigInt,
    }
}
