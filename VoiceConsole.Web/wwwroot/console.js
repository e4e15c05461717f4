// Keys of the page. Everything else is done on the server.
(() => {
  'use strict';

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
    box.setCustomValidity(tooLong ? `${box.value.length} characters are too many. Shorten the text.` : '');
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
