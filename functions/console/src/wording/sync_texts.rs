//! The texts of the pages about both sides: what waits, records, plans, settings, certificates, undone runs.

use super::pairs::texts;

texts! { /// What the pages about both sides say, in one language.
SyncTexts {
    // Words of several pages
    the_record: "Record", "Zapis";
    piece: "Piece", "Podatek";
    base: "Both had", "Prej na obeh straneh";
    crm_has: "CRM has", "V CRM";
    erp_has: "Metakocka has", "V Metakocki";
    before: "Before", "Prej";
    after: "After", "Potem";
    record_id: "Record id", "Oznaka zapisa";
    crm_id: "Id in the CRM", "Oznaka v CRM";
    yes: "yes", "da";
    no: "no", "ne";
    next_part: "Next", "Naprej";
    first_part: "To the beginning", "Na začetek";
    erp_code: "Metakocka's code", "Koda iz Metakocke";
    needs_permission: "Your role may look at this and change nothing.", "Vaša vloga to lahko vidi, a ničesar ne spreminja.";

    // What waits for a person
    waiting_title: "Waiting", "Čaka na odločitev";
    waiting_lead: "Records that go on only when a person decides. The longest waiting come first.", "Zapisi, ki se nadaljujejo šele, ko se odloči človek. Najdlje čakajoči so prvi.";
    waiting_none: "Nothing waits for a person.", "Nič ne čaka na človeka.";
    waiting_records: "Records", "Zapisi";
    keep_crm: "Keep the CRM's", "Obdrži iz CRM";
    keep_erp: "Keep Metakocka's", "Obdrži iz Metakocke";
    look_again: "Look again", "Preglej znova";
    conflicts: "Both sides changed these", "To sta spremenili obe strani";
    decide: "Decide", "Odločitev";
    candidates: "Candidates in Metakocka", "Kandidati v Metakocki";
    candidate: "Candidate", "Kandidat";
    candidate_number: "Number", "Šifra";
    evidence: "What speaks for and against", "Kaj govori za in proti";
    link_this: "It is this one", "To je ta";
    none_of_these: "None of these: make a new one", "Nobeden od teh: naredi novega";
    one_tax_number: "One of these has the same tax number; no second partner is made.", "Eden od teh ima enako davčno številko; drugi partner ne nastane.";
    reason: "Reason (for the history)", "Razlog (za zgodovino)";
    deletions: "Deletions that are held back", "Zadržani izbrisi";
    deletions_lead: "The CRM deleted these. Nothing is deleted in Metakocka before a person approves exactly this list.", "Te zapise je izbrisal CRM. V Metakocki se nič ne izbriše, dokler človek ne potrdi prav tega seznama.";
    deletions_go: "They are few enough: they go on by themselves.", "Dovolj malo jih je: nadaljujejo se sami.";
    deletions_approved: "A person approved this list; it goes on with the next look.", "Človek je ta seznam potrdil; nadaljuje se ob naslednjem pregledu.";
    approve_deletions: "Approve these deletions", "Potrdi te izbrise";
    list_hash: "Hash of the list", "Zgoščena vrednost seznama";
    notice_settled: "It is settled; the record is looked at again.", "Spor je razrešen; zapis bo znova pregledan.";
    notice_decided: "It is decided; the next look does it.", "Odločeno je; izvede se ob naslednjem pregledu.";
    notice_looked: "The record is looked at again.", "Zapis bo znova pregledan.";
    notice_deletions: "The deletions are approved; they go on.", "Izbrisi so potrjeni; nadaljujejo se.";
    notice_restored: "The record is back.", "Zapis je obnovljen.";

    // A record
    record_state: "CRM and Metakocka", "CRM in Metakocka";
    in_step: "In step", "Usklajen";
    waits: "Waits to be written", "Čaka na zapis";
    held: "Waits for a person", "Čaka na človeka";
    deleting: "Being deleted", "Se briše";
    deleted: "Deleted", "Izbrisan";
    archived: "Archived", "Arhiviran";
    revision: "Revision", "Različica";
    edited_at: "Last changed in the CRM", "Zadnja sprememba v CRM";
    due_at: "Looked at next", "Naslednji pregled";
    pieces_title: "Both sides", "Obe strani";
    no_pieces: "Neither side has a value.", "Nobena stran nima vrednosti.";
    agreed: "Agreed", "Enako";
    agreed_yes: "yes", "da";
    agreed_pending: "the CRM's is still to be written", "vrednost iz CRM še ni zapisana";
    agreed_conflict: "conflict", "spor";
    agreed_erp: "Metakocka's counts", "velja iz Metakocke";
    agreed_new: "not in Metakocka yet", "še ni v Metakocki";
    restore: "Take it back", "Obnovi";
    gone_since: "Deleted or archived since", "Izbrisan ali arhiviran od";
    restore_late: "Its 30 days are over; it cannot be taken back.", "30 dni je minilo; obnova ni več mogoča.";
    history: "History: why it is as it is", "Zgodovina: zakaj je tako";
    no_history: "There is no history from before changes were kept.", "Zgodovine izpred shranjevanja sprememb ni.";
    from_crm: "from the CRM", "iz CRM";
    from_erp: "from Metakocka", "iz Metakocke";
    by: "by", "avtor:";
    by_sync: "synchronisation", "sinhronizacija";
    request: "Request", "Zahteva";
    run: "Run", "Zagon";
    rule: "Rule", "Pravilo";
    lost: "the value that lost", "vrednost, ki ni obveljala";
    stays: "stays", "ostane";
    kind_added: "Added", "Dodan";
    kind_updated: "Changed", "Spremenjen";
    kind_missing: "Missing in Metakocka", "Manjka v Metakocki";
    kind_found: "Found again", "Spet najden";
    kind_linked: "Linked", "Povezan";
    kind_deleted: "Deleted or archived", "Izbrisan ali arhiviran";
    kind_restored: "Taken back", "Obnovljen";
    kind_merged: "Merged with another one", "Združen z drugim";
    kind_unmerged: "Merge taken back", "Združitev razveljavljena";
    kind_unlinked: "Taken apart", "Ločen";
    said_link: "A person said which partner it is", "Človek je povedal, kateri partner je";
    said_new: "A person said that it is none of them: a new one", "Človek je povedal, da ni nobeden od njih: nov partner";
    kind_acted: "An action ended", "Dejanje je končano";
    looked_again: "A person let it be looked at again", "Človek je zahteval nov pregled";

    // Rules and directions
    rule_crm: "the CRM wins", "velja CRM";
    rule_erp: "Metakocka wins", "velja Metakocka";
    rule_newest: "the later change wins", "velja poznejša sprememba";
    rule_park: "a person decides", "odloči človek";
    both_ways: "both ways", "v obe smeri";
    to_crm: "Metakocka to CRM", "iz Metakocke v CRM";
    to_erp: "CRM to Metakocka", "iz CRM v Metakocko";

    // Plans
    plans_title: "Plans", "Načrti";
    plans_lead: "A plan shows every write on either side before anything is written. Making one writes nothing.", "Načrt pokaže vsak zapis na obeh straneh, preden se kar koli zapiše. Izdelava načrta nič ne zapiše.";
    make_plan: "Make a plan", "Naredi načrt";
    no_plans: "There is no plan yet.", "Načrtov še ni.";
    plan: "Plan", "Načrt";
    plan_made_at: "Asked for", "Zahtevan";
    plan_state: "State", "Stanje";
    making: "Being made", "Nastaja";
    made: "Waits for approval", "Čaka na potrditev";
    approved: "Being carried out", "Se izvaja";
    applied: "Carried out", "Izveden";
    refused: "Refused: something moved", "Zavrnjen: nekaj se je spremenilo";
    failed: "Could not be made", "Ni uspel";
    plan_failed_remedy: "Too much waits for one plan. Let part of it go on, for example by pausing an object type, and make a new plan.", "Za en načrt čaka preveč zapisov. Zmanjšajte obseg, na primer z ustavitvijo ene vrste zapisov, in naredite nov načrt.";
    plan_going_on: "Look at this page again in a moment.", "Čez trenutek znova odprite to stran.";
    refresh: "Look now", "Preglej zdaj";
    plan_counts: "What it would do", "Kaj bi naredil";
    plan_empty: "Nothing would be written on either side.", "Na nobeni strani se ne bi nič zapisalo.";
    plan_writes: "Writes", "Zapisi na obe strani";
    plan_all: "Writes and what is left alone", "Zapisi in kar ostane, kot je";
    show_all: "Also show what is left alone", "Pokaži tudi, kar ostane, kot je";
    show_writes: "Show writes only", "Pokaži samo zapise";
    tells_crm: "The CRM is told", "CRM izve";
    sets_erp: "Metakocka gets", "Metakocka dobi";
    unset: "taken out", "odstranjeno";
    guard_title: "Deletions", "Izbrisi";
    guard_go: "few enough to go", "dovolj malo, da se izvedejo";
    guard_note: "Approving the plan approves these deletions as well.", "S potrditvijo načrta potrdite tudi te izbrise.";
    approve_plan: "Approve: write exactly this", "Potrdi: zapiši natanko to";
    approve_opens: "The company is read-only; when the plan is carried out, it no longer is.", "Podjetje je samo za branje; ko bo načrt izveden, ne bo več.";
    plan_hash: "Hash of the plan", "Zgoščena vrednost načrta";
    settings_version: "Version of the settings", "Različica nastavitev";
    outcome: "What came of it", "Kaj je nastalo";
    outcome_moved: "Moved since, so nothing was written", "Spremenjeno vmes, zato ni bilo nič zapisano";
    outcome_written: "Written", "Zapisano";
    outcome_waiting: "Still waiting", "Še čaka";
    outcome_refused: "Moved while it was carried out; not written", "Spremenjeno med izvedbo; ni zapisano";
    was: "Planned", "Načrtovano";
    is_now: "Now", "Zdaj";
    not_in_plan: "not in the plan", "ni v načrtu";
    notice_plan_approved: "The plan is approved and is being carried out.", "Načrt je potrjen in se izvaja.";
    action_create: "Made in Metakocka", "Nov v Metakocki";
    action_update: "Changed in Metakocka", "Sprememba v Metakocki";
    action_delete: "Deleted in Metakocka", "Izbris v Metakocki";
    action_tell: "The CRM is told", "CRM izve";
    action_link: "Linked", "Povezava";
    action_nothing: "Nothing", "Nič";
    action_wait: "Waits", "Čaka";
    action_park: "Waits for a person", "Čaka na človeka";

    // Settings
    settings_title: "Settings", "Nastavitve";
    read_only_title: "Read-only", "Samo za branje";
    read_only_on: "Nothing is written on either side until a person approves a plan.", "Dokler človek ne potrdi načrta, se na nobeni strani nič ne zapiše.";
    read_only_off: "Both sides are written as the settings below say.", "Obe strani se zapisujeta, kot določajo spodnje nastavitve.";
    turn_on: "Make it read-only", "Preklopi na samo za branje";
    turn_off: "Allow writing without a plan", "Dovoli zapisovanje brez načrta";
    direction: "Direction", "Smer";
    object_paused: "Paused", "Ustavljeno";
    deletes_in_erp: "Deletions in the CRM are carried to Metakocka", "Izbris v CRM se prenese v Metakocko";
    archives_in_crm: "What is gone from Metakocka is archived in the CRM", "Kar izgine iz Metakocke, se v CRM arhivira";
    rules: "When both sides changed a field", "Ko polje spremenita obe strani";
    save: "Save settings", "Shrani nastavitve";
    notice_saved: "The settings are saved. A run that is going on keeps those that it began under.", "Nastavitve so shranjene. Zagon, ki poteka, obdrži tiste, s katerimi se je začel.";
    errors_title: "Nothing was saved", "Nič ni bilo shranjeno";
    choose_one: "choose one of the values", "izberite eno od vrednosti";
    not_chosen: "choose", "izberite";

    // Certificates
    certificates_title: "Certificates", "Potrdila";
    certificates_lead: "Each day both sides are compared: how many records each has, a digest of each, and what differs.", "Vsak dan se primerjata obe strani: koliko zapisov ima vsaka, njun povzetek in kaj se razlikuje.";
    no_certificates: "There is no certificate yet; the first is made after a complete reading.", "Potrdil še ni; prvo nastane po popolnem branju.";
    day: "Day", "Dan";
    result: "Result", "Izid";
    equal: "Equal", "Enako";
    crm_count: "In the CRM", "V CRM";
    erp_count: "In Metakocka", "V Metakocki";
    crm_digest: "Digest of the CRM", "Povzetek CRM";
    erp_digest: "Digest of Metakocka", "Povzetek Metakocke";
    only_crm: "only in the CRM", "samo v CRM";
    only_erp: "only in Metakocka", "samo v Metakocki";
    differs: "differs", "se razlikuje";

    // Taking a run back
    undo_title: "Undo a run", "Razveljavitev zagona";
    undo_lead: "What the run changed is set back to what it was before.", "Kar je zagon spremenil, se vrne na prejšnje stanje.";
    undo_kept: "What somebody changed later stays as it is.", "Kar je kdo pozneje spremenil, ostane, kot je.";
    undo_refused: "Records that the run made or linked stay; the result says what can be done instead.", "Zapisi, ki jih je zagon naredil ali povezal, ostanejo; izid pove, kaj lahko naredite namesto tega.";
    undo_again: "The undo is a run of its own and can be undone as well. Nothing is deleted by it.", "Razveljavitev je svoj zagon in jo je mogoče prav tako razveljaviti. Z njo se nič ne izbriše.";
    undo_now: "Undo this run", "Razveljavi ta zagon";
    undo_not_over: "The run is not over; it can be undone when it is.", "Zagon še ni končan; razveljavite ga lahko po koncu.";
    cancel: "Leave it as it is", "Pusti, kot je";
    undone_title: "What was undone", "Kaj je razveljavljeno";
    undone_none: "The run told no change that could be taken back.", "Zagon ni naredil nobene spremembe, ki bi jo bilo mogoče razveljaviti.";
    set_back: "Set back", "Vrnjeno";
    kept: "Kept", "Ostalo";
    not_undone: "Not possible", "Ni mogoče";
    instead: "What to do instead", "Kaj storiti namesto tega";
    kept_meanwhile: "changed while the undo went on", "spremenjeno med razveljavitvijo";
    kept_unknown: "changed later", "spremenjeno pozneje";
    undo_run: "The undo as a run", "Razveljavitev kot zagon";
}}
