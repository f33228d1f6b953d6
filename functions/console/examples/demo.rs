//! demo, temporary
#![allow(dead_code, unused, missing_docs, clippy::all, clippy::pedantic, clippy::disallowed_methods)]
#[path = "../../../tests/embedded_table.rs"]
mod embedded_table;
#[path = "../tests/it/support.rs"]
mod support;
use support::*;
use domain::*;
use sync::*;
use sync::machine::Active;
use runtime::Role;
use std::collections::BTreeMap;

fn counts(read:u64, created:u64, updated:u64, parked:u64, total:Option<u64>) -> Counts {
    Counts{read, created, updated, unchanged: read-created-updated-parked, parked, missing:0, total}
}
fn mk(n:u32, state:RunState, mode:Mode, trigger:Trigger, start:i64, secs:i64, c:&[(Object,Counts)], error:Option<RunError>) -> Run {
    let id = format!("run_{:012x}7000800000000000{n:04x}", at(start).as_millisecond()).parse().unwrap();
    let objs: Vec<Object> = if mode==Mode::Hints {vec![Object::Stock]} else {Object::ALL.to_vec()};
    let mut r = Run::queued(id, mode, trigger, &objs, at(start));
    r.state=state; r.started_at=Some(at(start)); if r.is_over(){r.finished_at=Some(at(start+secs));}
    r.counts=c.iter().copied().collect(); r.error=error; r
}
#[tokio::main]
async fn main() {
    let w = World::new().await;
    let kind = std::env::args().nth(1).unwrap_or_default();
    if kind != "empty" {
    w.connect(1).await;
    let mut cur: BTreeMap<Object,Cursor> = Object::ALL.into_iter().map(|o|(o, Cursor{ full_at: Some(at(-5400)), changes_at: Some(at(-400)), ..Cursor::default()})).collect();
    let st = SyncState{cursors:cur, active:None};
    let pages=[(Object::Products,512),(Object::Stock,498),(Object::Offers,204),(Object::Orders,8123),(Object::Invoices,7990),(Object::CreditNotes,41),(Object::Contacts,1311)];
    let err = RunError{code:"erp_unavailable".into(), message:"HTML page instead of JSON: \u{201e}Sistem je v vzdrževanju\u{201c} <script>alert(1)</script>".into(), object:Some(Object::Invoices), retryable:true};
    w.commit(1,&mk(1,RunState::Succeeded,Mode::Full,Trigger::Connected,-90000,185,&[(Object::Products,counts(512,512,0,0,Some(512))),(Object::Orders,counts(8123,8121,0,2,Some(8123))),(Object::Invoices,counts(7990,7989,0,1,Some(7990)))],None),&pages,vec![
      parked(1600012345, "ni število: »12,5o«"), Parked{object:Object::Invoices, erp_id:ErpId::new(1600099887), path:"partner.tax_id_number".into(), reason:"not a Slovenian tax number: the check digit does not fit".into(), since:at(-86000)},
      Parked{object:Object::Contacts, erp_id:ErpId::new(1600000042), path:"partner_contact.email".into(), reason:"<img src=x onerror=alert(1)> is not an e-mail address".into(), since:at(-3600)}], &st).await;
    w.commit(1,&mk(2,RunState::Succeeded,Mode::Changes,Trigger::Schedule,-2700,9,&[(Object::Orders,counts(34,3,5,0,Some(34))),(Object::Contacts,counts(20,1,0,0,None))],None),&[],vec![],&st).await;
    w.commit(1,&mk(3,RunState::Failed,Mode::Changes,Trigger::Schedule,-1800,31,&[(Object::Orders,counts(29,0,2,0,Some(29)))],Some(err)),&[],vec![],&st).await;
    w.commit(1,&mk(4,RunState::Succeeded,Mode::Hints,Trigger::Webhook,-1500,0,&[(Object::Stock,counts(1,0,1,0,None))],None),&[],vec![],&st).await;
    w.commit(1,&mk(5,RunState::Succeeded,Mode::Changes,Trigger::Schedule,-900,7,&[(Object::Orders,counts(31,1,0,0,Some(31))),(Object::Invoices,counts(112,2,4,0,Some(112)))],None),&[],vec![],&st).await;
    if kind=="running" {
      let run = mk(6,RunState::Running,Mode::Full,Trigger::Request,-42,0,&[(Object::Products,counts(512,0,3,0,Some(512))),(Object::Stock,counts(498,0,17,0,Some(498))),(Object::Offers,counts(204,0,0,0,Some(204))),(Object::Orders,counts(5300,0,12,2,Some(8123)))],None);
      let passes=[PassKind::Missing{object:Object::Orders},PassKind::Missing{object:Object::Invoices},PassKind::Missing{object:Object::CreditNotes},PassKind::Missing{object:Object::Contacts}];
      let active=Active{run:run.clone(),passes:passes.into_iter().map(Pass::new).collect(),chunks:0,reached:[].into(),unproven:[].into(),failed:[].into()};
      w.commit(1,&run,&[],vec![],&SyncState{active:Some(active),..st.clone()}).await;
    }
    if kind=="paused" {
      let mut c=w.tenant(1).connection().await.unwrap().unwrap(); c.state=store::ConnectionState::Paused{code:"credentials_invalid".into()};
      w.tenant(1).replace_connection_if(c.version,&c).await.unwrap();
    }}
    let admin=w.sign_in(1,Role::Administrator).await; let sales=w.sign_in(1,Role::Salesperson).await;
    let link=issue_link(&w.table,1,77777,"administrator",at(900)).await;
    let l=tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{{\"url\":\"http://{}\",\"admin\":\"{}\",\"sales\":\"{}\",\"code\":\"{}\"}}", l.local_addr().unwrap(), admin, sales, link);
    let router=w.router.clone();
    // while running, progress moves
    if kind=="running" { tokio::spawn(async move { let mut n=5300u64; loop { tokio::time::sleep(std::time::Duration::from_secs(2)).await; n+=300;
      let run = mk(6,RunState::Running,Mode::Full,Trigger::Request,-42,0,&[(Object::Orders,counts(n,0,12,2,Some(8123)))],None);
      let passes=[PassKind::Missing{object:Object::Orders},PassKind::Missing{object:Object::Invoices}];
      let active=Active{run:run.clone(),passes:passes.into_iter().map(Pass::new).collect(),chunks:0,reached:[].into(),unproven:[].into(),failed:[].into()};
      w.commit(1,&run,&[],vec![],&SyncState{cursors:Default::default(),active:Some(active)}).await; if n>8000 {return;} } }); }
    axum::serve(l, router).await.unwrap();
}
