//! One more process on the same database.

use std::sync::Arc;
use std::thread::JoinHandle;

use sunbeon::engine::Engine;
use tokio::sync::oneshot;

use crate::app::TestApp;

/// The engine of another process. Dropping it stops it.
pub struct Node {
    /// The engine.
    pub engine: Arc<Engine>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Node {
    /// Starts one on the database of `app`.
    pub fn start(app: &TestApp) -> Self {
        let settings = app.engine_settings(500);
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, starting) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let engine = actix_web::rt::System::new().block_on(async move {
                let engine = Engine::start(settings).unwrap();
                started.send(engine.clone()).unwrap();
                drop(stopped.await);
                // As a process that is told to stop does: what it leased would else belong to nobody for minutes.
                engine.finish_messages().await;
                engine
            });
            engine.stop();
        });
        let engine = starting.recv().expect("the other node did not start");
        Self { engine, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(
            std::thread::panicking() || matches!(ended, Some(Ok(()))),
            "the other node ended with a panic"
        );
    }
}
