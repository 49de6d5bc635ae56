//! One page from its request to what is seen of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::{
    EventDownloadWillBegin, SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::emulation::SetScriptExecutionDisabledParams;
use chromiumoxide::cdp::browser_protocol::network::{
    EventLoadingFailed, EventRequestWillBeSent, EventResponseReceived, SetUserAgentOverrideParams,
};
use chromiumoxide::cdp::browser_protocol::page::{
    EventJavascriptDialogOpening, EventLoadEventFired, HandleJavaScriptDialogParams, NavigateParams,
};
use chromiumoxide::cdp::js_protocol::runtime::TerminateExecutionParams;
use chromiumoxide::error::CdpError;
use chromiumoxide::handler::HandlerConfig;
use chromiumoxide::handler::viewport::Viewport;
use chromiumoxide::{Browser, Page};
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, select_all};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::collect::{Collected, collect, picture};
use super::story::Story;
use crate::bounds::shortened;
use crate::egress::Egress;
use crate::{InspectError, Profile};

/// Dialogs after which a script that opens more is stopped.
const DIALOGS_MAX: u32 = 8;
/// Ways on by the page itself after which it goes in a circle.
pub(crate) const PAGE_HOPS_MAX: usize = 12;
/// What is kept back of a capture's time for looking at the page.
const LOOK: Duration = Duration::from_secs(8);
/// How long one look may take.
const GLANCE: Duration = Duration::from_millis(2_500);

/// What came of one page.
pub(crate) struct Driven {
    pub(crate) story: Story,
    pub(crate) collected: Option<Collected>,
    pub(crate) picture: Option<Vec<u8>>,
    /// The page was still under way when its time was over.
    pub(crate) unfinished: bool,
}

/// What the browser tells.
enum Event {
    Requested(Arc<EventRequestWillBeSent>),
    Responded(Arc<EventResponseReceived>),
    Lost(Arc<EventLoadingFailed>),
    Loaded,
    Dialog,
    Download(Arc<EventDownloadWillBegin>),
}

/// Opens `url` in the browser at `devtools` and looks at it until `deadline`.
pub(crate) async fn drive(
    devtools: &str,
    egress: &Egress,
    url: &str,
    profile: Profile,
    settle: Duration,
    deadline: Instant,
) -> Result<Driven, InspectError> {
    let (browser, mut handler) = Browser::connect_with_config(devtools, config(profile))
        .await
        .map_err(|error| unusable(&error))?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { while handler.next().await.is_some() {} });
    let page = browser.new_page("about:blank").await.map_err(|error| unusable(&error))?;
    let story = Arc::new(Mutex::new(Story::default()));
    let events =
        prepare(&browser, &page, profile, &story).await.map_err(|error| unusable(&error))?;
    tasks.spawn(tell(events, Arc::clone(&story), page.clone()));

    egress.open();
    let looking = deadline.checked_sub(LOOK).unwrap_or(deadline);
    let navigate = page.execute(NavigateParams::new(url));
    let mut unfinished = false;
    match tokio::time::timeout_at(looking, navigate).await {
        Ok(Ok(answer)) => {
            let mut story = lock(&story);
            story.failed = story.failed.take().or_else(|| answer.result.error_text.clone());
        }
        Ok(Err(CdpError::Timeout)) | Err(_) => unfinished = true,
        Ok(Err(error)) => return Err(unusable(&error)),
    }
    unfinished |= !settled(&story, settle, looking).await;
    let collected = glance(&page, deadline, collect).await.map(Collected::bounded);
    let picture = glance(&page, deadline, picture).await;
    let story = std::mem::take(&mut *lock(&story));
    Ok(Driven { story, collected, picture, unfinished })
}

fn config(profile: Profile) -> HandlerConfig {
    let (width, height) = profile.window();
    let phone = profile == Profile::Phone;
    HandlerConfig {
        // A page with a bad certificate is a page that people are sent to.
        ignore_https_errors: true,
        viewport: Some(Viewport {
            width,
            height,
            device_scale_factor: Some(1.0),
            emulating_mobile: phone,
            is_landscape: !phone,
            has_touch: phone,
        }),
        ..HandlerConfig::default()
    }
}

/// Sets the page up and listens, before anything is asked for.
async fn prepare(
    browser: &Browser,
    page: &Page,
    profile: Profile,
    story: &Mutex<Story>,
) -> Result<BoxStream<'static, Event>, CdpError> {
    let product = browser.version().await?.product;
    let major = product.split('/').nth(1).and_then(|v| v.split('.').next()).unwrap_or("140");
    let agent = SetUserAgentOverrideParams::builder()
        .user_agent(profile.user_agent(major))
        .accept_language("nl-BE,nl;q=0.9,fr;q=0.8,en;q=0.7")
        .platform(profile.platform())
        .build()
        .map_err(CdpError::ChromeMessage)?;
    page.execute(agent).await?;
    let mut downloads = SetDownloadBehaviorParams::new(SetDownloadBehaviorBehavior::Deny);
    downloads.events_enabled = Some(true);
    browser.execute(downloads).await?;
    let frame = page.mainframe().await?.ok_or(CdpError::NotFound)?;
    lock(story).frame = frame.as_ref().to_owned();
    Ok(select_all([
        page.event_listener().await?.map(Event::Requested).boxed(),
        page.event_listener().await?.map(Event::Responded).boxed(),
        page.event_listener().await?.map(Event::Lost).boxed(),
        page.event_listener::<EventLoadEventFired>().await?.map(|_| Event::Loaded).boxed(),
        page.event_listener::<EventJavascriptDialogOpening>().await?.map(|_| Event::Dialog).boxed(),
        browser.event_listener().await?.map(Event::Download).boxed(),
    ])
    .boxed())
}

/// Writes the story down, and closes what would stop it.
async fn tell(mut events: BoxStream<'static, Event>, story: Arc<Mutex<Story>>, page: Page) {
    while let Some(event) = events.next().await {
        let Some(dialogs) = told(&mut lock(&story), &event) else { continue };
        if dialogs >= DIALOGS_MAX {
            silence(&page).await;
        }
        let _closed = page.execute(HandleJavaScriptDialogParams::new(false)).await;
    }
}

/// Ends the scripts of a page while it waits on a dialog: once the dialog is closed, the
/// script that opened it does not go on. The answers come only then, so nobody waits.
async fn silence(page: &Page) {
    let (off, stop) = (page.clone(), page.clone());
    tokio::spawn(async move { off.execute(SetScriptExecutionDisabledParams::new(true)).await });
    tokio::spawn(async move { stop.execute(TerminateExecutionParams::default()).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// One event into the story; answers how many dialogs there were if this is one.
fn told(story: &mut Story, event: &Event) -> Option<u32> {
    match event {
        Event::Requested(event) => story.requested(event),
        Event::Responded(event) => story.responded(event),
        Event::Lost(event) => story.lost(event),
        Event::Loaded => story.loads += 1,
        Event::Download(event) => {
            story.download.get_or_insert_with(|| shortened(&event.suggested_filename, 200));
        }
        Event::Dialog => {
            story.dialogs += 1;
            return Some(story.dialogs);
        }
    }
    None
}

/// Waits until the page has loaded and stands still for `settle`; false when `until` came first.
async fn settled(story: &Mutex<Story>, settle: Duration, until: Instant) -> bool {
    let state = || {
        let story = lock(story);
        let over = story.failed.is_some()
            || story.download.is_some()
            || story.page_hops() > PAGE_HOPS_MAX
            || story.dialogs > 4 * DIALOGS_MAX;
        (story.hops.len() + story.hops_more, story.loads, over)
    };
    let mut last = state();
    let mut since = Instant::now();
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = state();
        if now.0 != last.0 || now.1 != last.1 {
            since = Instant::now();
        }
        last = now;
        let stood = since.elapsed();
        if now.2 && stood >= Duration::from_millis(300) || now.1 > 0 && stood >= settle {
            return true;
        }
    }
    false
}

/// One look at the page, twice if a script of its own kept it busy.
async fn glance<'p, T, F>(
    page: &'p Page,
    deadline: Instant,
    look: impl Fn(&'p Page) -> F,
) -> Option<T>
where
    F: Future<Output = Option<T>>,
{
    for _ in 0..2 {
        let until = deadline.min(Instant::now() + GLANCE);
        if let Ok(Some(seen)) = tokio::time::timeout_at(until, look(page)).await {
            return Some(seen);
        }
        let until = deadline.min(Instant::now() + GLANCE / 4);
        let stop = page.execute(TerminateExecutionParams::default());
        let _stopped = tokio::time::timeout_at(until, stop).await;
    }
    None
}

fn lock(story: &Mutex<Story>) -> MutexGuard<'_, Story> {
    story.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unusable(error: &CdpError) -> InspectError {
    InspectError::Protocol(error.to_string())
}
