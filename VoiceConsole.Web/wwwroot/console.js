// Keys of the page. Everything else is done on the server.
(() => {
  'use strict';

  // What a reader has chosen for this browser.
  window.voiceconsole = {
    remember: (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=strict`; },
    // Where a page stands in its own address; who has gone on to another page meanwhile is not brought back.
    replaceAddress: (address) => {
      if (new URL(address).pathname === location.pathname) Blazor.navigateTo(address, { replaceHistoryEntry: true });
    },
  };

  // A connection that is lost is taken up again, however long it takes; a console that was started anew has the page loaded
  // again, at the same address and so at the same place.
  const lost = document.getElementById('vc-lost');
  let isTrying = false;
  const comeBack = async () => {
    if (isTrying) return;
    isTrying = true;
    for (let back; !back;) {
      try {
        back = await Blazor.reconnect();
        if (!back) return location.reload();
      } catch {
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
    isTrying = false;
  };
  Blazor.start({
    circuit: {
      // Of silence: figures that stand still must not look like figures that live. The console says something every 4 s.
      configureSignalR: (connection) => connection.withServerTimeout(12000),
      reconnectionHandler: {
        onConnectionDown: () => { lost.hidden = false; comeBack(); },
        onConnectionUp: () => { lost.hidden = true; },
      },
    },
  });

  const shortcut = (event) => {
    if (event.key === 'Escape' && !event.altKey && !event.ctrlKey && !event.metaKey) return 'Escape';
    // By the key's place: on a Mac, Alt+S types another letter.
    if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      if (event.code === 'KeyS') return 'Alt+S';
      if (event.code === 'KeyM') return 'Alt+M';
    }
    return null;
  };

  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.repeat) return;
    const keys = shortcut(event);
    const button = keys && document.querySelector(`[aria-keyshortcuts="${keys}"]:not(:disabled)`);
    if (button) {
      event.preventDefault();
      button.click();
      return;
    }
    const sends = event.target instanceof HTMLTextAreaElement && event.target.dataset.enterSends;
    if (sends && event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      document.getElementById(sends)?.click();
    }
  });

  // A text far beyond the limit would not fit through the connection: it stays in the box and the box says so.
  document.addEventListener('input', (event) => {
    const box = event.target;
    if (!(box instanceof HTMLTextAreaElement) || !box.dataset.most) return;
    const most = Number(box.dataset.most);
    const tooLong = box.value.length > most;
    box.setCustomValidity(tooLong ? box.dataset.tooLong.replace('{0}', box.value.length) : '');
    if (tooLong) {
      event.stopImmediatePropagation();
      box.reportValidity();
    }
  }, true);

  // The newest message stays in view unless the reader has scrolled away from it.
  let atEnd = true;
  document.addEventListener('scroll', (event) => {
    const log = event.target;
    if (log instanceof HTMLElement && log.hasAttribute('data-follow'))
      atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
  }, true);
  new MutationObserver(() => {
    const log = document.querySelector('[data-follow]');
    if (log && atEnd) log.scrollTop = log.scrollHeight;
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
})();
