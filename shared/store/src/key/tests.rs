//! Where every row lies: a line a key, so that none moves by accident.

use super::*;
use expect_test::expect;

#[test]
#[expect(clippy::too_many_lines, reason = "a table: a line a key")]
fn every_key_is_where_the_design_says() {
    let tenant: TenantId = "t_0000000000000000000a".parse().expect("a tenant id");
    let k = TenantKeys::new(tenant.clone());
    let erp = ErpId::new(1_600_000_123);
    let sort = inbox_sort("evt-1", &[0xcd; 32]);
    let at = |p: Partition| p.key("");
    let endpoint_id = format!("whe_{}", "e".repeat(32)).parse().expect("an endpoint id");
    let keys = [
        k.connection(),
        k.lease(),
        k.bucket(),
        k.state(),
        k.seq(),
        k.index_page(Object::CreditNotes, erp),
        k.seen(7, 3),
        k.record(RecordId::for_erp(&tenant, Object::Products, erp)),
        k.open(RecordId::for_crm(&tenant, Object::Orders, "c-1")),
        k.link(RecordId::for_crm(&tenant, Object::Orders, "c-1")),
        at(k.waiting("VISIT")),
        k.settings(),
        k.settings_at(3),
        k.api_keys(),
        k.rate("TENANT"),
        k.plan("pln_1"),
        k.plan_part("pln_1", "abcd", 2),
        k.file(RecordId::for_erp(&tenant, Object::Orders, erp), "LOOK"),
        k.certificate("2026-11-24", Object::Contacts),
        k.approval(Object::Orders),
        k.released(Object::Orders),
        k.change(42),
        k.run("run_00000000000070008000000000000001".parse().expect("a run id")),
        k.inbox(&sort),
        at(k.inbox_todo()),
        k.parked(Object::Orders, erp),
        k.idempotency(&[1; 32]),
        k.warehouses(),
        k.look("BLACKLIST", RecordId::for_erp(&tenant, Object::Contacts, erp)),
        k.learned(),
        k.meanings(),
        k.listing(
            Listing { partner: erp, date: Some(jiff::civil::date(2026, 3, 1)) },
            RecordId::for_erp(&tenant, Object::Orders, erp),
        ),
        k.console_link(&[2; 32]),
        k.console_session(&[3; 32]),
        endpoint(&endpoint_id),
        due(4, &tenant),
        tick(),
        door("https://main.metakocka.si"),
    ];
    let (at, order) = (1_790_000_000_000, RecordId::for_erp(&tenant, Object::Orders, erp));
    let places = [inbox_todo_sort(at, &sort), waiting_sort(at, order)];
    let table: String = keys
        .iter()
        .map(|k| format!("{:<12} {} / {}\n", k.entity.name(), k.pk, k.sk))
        .chain(places.map(|place| format!("todo index: {place}\n")))
        .collect();
    expect![[r"
            connection   T#t_0000000000000000000a#CFG / CONNECTION
            lease        T#t_0000000000000000000a#SYNC / LEASE
            bucket       T#t_0000000000000000000a#SYNC / BUCKET
            state        T#t_0000000000000000000a#SYNC / STATE
            seq          T#t_0000000000000000000a#SYNC / SEQ
            index_page   T#t_0000000000000000000a#IDX#credit_notes / 00000000001600000123
            seen         T#t_0000000000000000000a#SEEN#7 / 000003
            record       T#t_0000000000000000000a#R#products / prd_8fa821aae6028a9f8fdea9faeb5de218
            open         T#t_0000000000000000000a#NEW#orders / ord_778001575cb58e0aae238f5ab2fede18
            link         T#t_0000000000000000000a#CRM#orders / ord_778001575cb58e0aae238f5ab2fede18
            record       T#t_0000000000000000000a#TODO#VISIT / 
            settings     T#t_0000000000000000000a#CFG / SETTINGS
            settings     T#t_0000000000000000000a#CFG / SETTINGS#00000000000000000003
            api_keys     T#t_0000000000000000000a#CFG / KEYS
            rate         T#t_0000000000000000000a#RATE / TENANT
            plan         T#t_0000000000000000000a#PLAN / pln_1
            plan         T#t_0000000000000000000a#PLAN#pln_1 / abcd#000002
            file         T#t_0000000000000000000a#FILE / ord_ea82ae418ce58b9bac6fc6cfc96e47a4#LOOK
            certificate  T#t_0000000000000000000a#CERT / 2026-11-24#contacts
            approval     T#t_0000000000000000000a#GUARD / orders
            approval     T#t_0000000000000000000a#GUARD / orders#RELEASED
            change       T#t_0000000000000000000a#CHG / 00000000000000000042
            run          T#t_0000000000000000000a#RUN / run_00000000000070008000000000000001
            inbox        T#t_0000000000000000000a#INBOX / evt-1#cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
            inbox        T#t_0000000000000000000a#TODO#INBOX / 
            parked       T#t_0000000000000000000a#PARK / orders#00000000001600000123
            idempotency  T#t_0000000000000000000a#IDEM / 0101010101010101010101010101010101010101010101010101010101010101
            register     T#t_0000000000000000000a#REG / WAREHOUSES
            look         T#t_0000000000000000000a#LOOK / BLACKLIST#con_427d1a61edf88dc28b43f24f1e0d7fd6
            register     T#t_0000000000000000000a#REG / LEARNED
            register     T#t_0000000000000000000a#REG / MEANINGS
            listing      T#t_0000000000000000000a#BY#con_427d1a61edf88dc28b43f24f1e0d7fd6 / 2026-03-01#ord_ea82ae418ce58b9bac6fc6cfc96e47a4
            console      T#t_0000000000000000000a#CONSOLE / LINK#0202020202020202020202020202020202020202020202020202020202020202
            console      T#t_0000000000000000000a#CONSOLE / SES#0303030303030303030303030303030303030303030303030303030303030303
            endpoint     SYS#EP#whe_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee / EP
            due          SYS#DUE#04 / t_0000000000000000000a
            tick         SYS#TICK / TICK
            door         SYS#ERP#2db128cb9566376ec316af76d5bfd4f1 / DOOR
            todo index: 01790000000000#evt-1#cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
            todo index: 01790000000000#ord_ea82ae418ce58b9bac6fc6cfc96e47a4
        "]].assert_eq(&table);
}

#[test]
fn every_key_of_an_action_is_where_the_design_says() {
    let tenant: TenantId = "t_0000000000000000000a".parse().expect("a tenant id");
    let k = TenantKeys::new(tenant.clone());
    let id: ActionId = "act_00000000000070008000000000000001".parse().expect("an action id");
    let order = RecordId::for_erp(&tenant, Object::Orders, ErpId::new(1_600_000_123));
    let keys = [k.action(id), k.action_of(order, id)];
    let table: Vec<String> = keys.iter().map(|k| format!("{} {} / {}", k.entity.name(), k.pk, k.sk)).collect();
    expect![[r"
            action T#t_0000000000000000000a#ACT / act_00000000000070008000000000000001
            action T#t_0000000000000000000a#ACT#ord_ea82ae418ce58b9bac6fc6cfc96e47a4 / act_00000000000070008000000000000001"]]
        .assert_eq(&table.join("\n"));
    let sort = action_waiting_sort(1_790_000_000_000, id);
    assert_eq!(sort, "01790000000000#act_00000000000070008000000000000001");
    assert_eq!(of_action_waiting_sort(&sort), Some((1_790_000_000_000, id)));
}

#[test]
fn every_key_of_an_endpoint_is_where_the_design_says() {
    let tenant: TenantId = "t_0000000000000000000a".parse().expect("a tenant id");
    let k = TenantKeys::new(tenant.clone());
    let id: EventEndpointId = "evt_00000000000070008000000000000001".parse().expect("an endpoint id");
    let at = jiff::Timestamp::from_millisecond(1_790_000_000_000).expect("a time");
    let keys = [k.event_endpoint(id), k.delivery(id, DeliveryKey { at, number: 42 }), out(3, &tenant)];
    let table: Vec<String> = keys.iter().map(|k| format!("{} {} / {}", k.entity.name(), k.pk, k.sk)).collect();
    expect![[r"
            event_endpoint T#t_0000000000000000000a#EVT / evt_00000000000070008000000000000001
            delivery T#t_0000000000000000000a#DLV#evt_00000000000070008000000000000001 / 01790000000000#00000000000000000042
            out SYS#OUT#03 / t_0000000000000000000a"]]
        .assert_eq(&table.join("\n"));
    assert_eq!(of_delivery_sort(&keys[1].sk), Some((1_790_000_000_000, 42)));
}

#[test]
fn the_place_among_a_contacts_documents_leads_back_to_the_document() {
    let tenant: TenantId = "t_0000000000000000000a".parse().expect("a tenant id");
    let document = RecordId::for_erp(&tenant, Object::Orders, ErpId::new(1));
    let dates = [None, Some(jiff::civil::date(1900, 1, 1)), Some(jiff::civil::date(2100, 12, 31))];
    let sorts = dates.map(|date| listing_sort(date, document));
    assert!(sorts.is_sorted(), "{sorts:?}");
    assert_eq!(sorts.map(|sort| of_listing_sort(&sort)), dates.map(|date| Some((date, document))));
}

#[test]
fn the_place_in_the_todo_index_leads_back_to_the_event() {
    let sort = inbox_sort("a#b", &[0; 32]);
    assert_eq!(inbox_sort_of_todo(&inbox_todo_sort(5, &sort)), Some(sort.as_str()));
}
