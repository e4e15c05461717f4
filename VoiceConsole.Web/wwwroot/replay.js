// The player of the Replay page: what must follow the sound from picture to picture. All else is done on the server.
let active = null;

export function attach(root, page, start, sound) {
  detach();
  active = new Player(root, page, start);
  active.listen(sound);
}

export function listen(sound) {
  active?.listen(sound);
}

export function detach() {
  active?.end();
  active = null;
}

class Player {
  constructor(root, page, start) {
    this.root = root;
    this.page = page;
    this.position = start;
    this.remembered = start;
    this.playing = false;
    this.ended = new AbortController();
    this.audio = root.querySelector('[data-audio]');
    this.waves = root.querySelector('[data-waves]');
    const on = (target, type, handler, more) => target.addEventListener(type, handler, { signal: this.ended.signal, ...more });
    on(this.audio, 'play', () => this.setPlaying(true));
    on(this.audio, 'pause', () => this.setPlaying(false));
    on(this.audio, 'ended', () => this.setPlaying(false));
    on(root, 'click', (event) => this.click(event));
    on(document, 'keydown', (event) => this.key(event));
    on(this.waves, 'pointerdown', (event) => this.scrub(event, true));
    on(this.waves, 'pointermove', (event) => this.scrub(event, false));
    on(this.waves, 'wheel', (event) => this.wheel(event), { passive: false });
    // The server draws the words and the window anew; the light and the playhead go where they belong.
    this.drawn = new MutationObserver(() => { this.words = null; this.show(); this.rememberSoon(); });
    this.drawn.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-from', 'data-to', 'data-mix', 'data-text-from', 'data-text-to'] });
    this.show();
    root.dataset.ready = '';
  }

  get length() { return Number(this.root.dataset.length); }

  listen(sound) {
    const resume = this.playing;
    // What comes next begins at nought until it has loaded; nobody shall take that for the position.
    cancelAnimationFrame(this.frame);
    this.audio.pause();
    if (!sound) {
      this.audio.removeAttribute('src');
      return;
    }
    this.audio.addEventListener('loadedmetadata', () => {
      this.audio.currentTime = this.position;
      if (resume) this.audio.play();
    }, { once: true, signal: this.ended.signal });
    this.audio.src = sound;
  }

  toggle() {
    if (!this.audio.src) return;
    if (!this.playing && this.position >= this.length - 0.05) this.seek(0);
    if (this.playing) this.audio.pause();
    else this.audio.play();
  }

  setPlaying(playing) {
    this.playing = playing;
    this.root.toggleAttribute('data-playing', playing);
    const button = this.root.querySelector('[data-play]');
    button?.setAttribute('aria-label', playing ? button.dataset.pauseName : button.dataset.playName);
    cancelAnimationFrame(this.frame);
    if (playing) this.follow();
    else this.remember();
  }

  follow() {
    if (this.audio.readyState === 0) return;
    this.position = this.audio.currentTime;
    this.show();
    if (Math.abs(this.position - this.remembered) > 1) this.remember();
    this.frame = requestAnimationFrame(() => this.follow());
  }

  seek(seconds) {
    this.position = Math.min(Math.max(0, seconds), this.length);
    if (this.audio.readyState > 0) this.audio.currentTime = this.position;
    this.show();
    this.rememberSoon();
  }

  rememberSoon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.remember(), 300);
  }

  // The address leads back to the moment, to what is in view and to what is listened to.
  remember() {
    this.remembered = this.position;
    const address = new URL(location.href);
    const { from, to } = this.waves.dataset;
    const wanted = { at: this.position > 0 ? this.position.toFixed(2) : null, mix: this.root.dataset.mix === 'microphone,loopback' ? null : this.root.dataset.mix };
    const isAll = Number(from) <= 0 && Number(to) >= this.length;
    for (const [name, value] of Object.entries({ ...wanted, from: isAll ? null : from, to: isAll ? null : to })) {
      if (value === null) address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    history.replaceState(history.state, '', address);
  }

  show() {
    const from = Number(this.waves.dataset.from), to = Number(this.waves.dataset.to);
    const head = this.root.querySelector('[data-playhead]');
    const share = (this.position - from) / (to - from);
    head.style.left = `${share * 100}%`;
    head.hidden = share < 0 || share > 1;
    const text = `${Math.floor(this.position / 60)}:${(Math.floor(this.position * 10) / 10 % 60).toFixed(1).padStart(4, '0')}`;
    const clock = this.root.querySelector('[data-clock]');
    if (clock.textContent !== text) clock.textContent = text;
    this.waves.setAttribute('aria-valuenow', this.position.toFixed(1));
    this.waves.setAttribute('aria-valuetext', text);
    this.light();
    const inText = this.position >= Number(this.root.dataset.textFrom) && this.position < Number(this.root.dataset.textTo);
    if (head.hidden || !inText) this.reveal();
  }

  reveal() {
    if (this.asked !== undefined && Math.abs(this.asked - this.position) < 0.2) return;
    this.asked = this.position;
    this.page.invokeMethodAsync('Reveal', this.position);
  }

  light() {
    this.words ??= [...this.root.querySelectorAll('[data-word]')].map((element) => ({ element, from: Number(element.dataset.word), until: Number(element.dataset.until) }));
    for (const word of this.words) {
      const lit = this.position >= word.from && this.position < word.until;
      if (lit === word.lit) continue;
      word.lit = lit;
      word.element.classList.toggle('vc-lit', lit);
      if (lit && this.playing) word.element.scrollIntoView({ block: 'nearest' });
    }
  }

  click(event) {
    const seek = event.target.closest('[data-seek]');
    if (seek) this.seek(Number(seek.dataset.seek));
    else if (event.target.closest('[data-play]')) this.toggle();
    else if (event.target.closest('[data-link]')) this.copy();
    else if (event.target.closest('[data-zoom]')) this.zoom(Number(event.target.closest('[data-zoom]').dataset.zoom), this.position);
  }

  async copy() {
    this.remember();
    const { copied, notCopied } = this.root.querySelector('[data-link]').dataset;
    let said = copied;
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      said = notCopied;
    }
    this.root.querySelector('[data-said]').textContent = said;
  }

  zoom(factor, around) {
    this.page.invokeMethodAsync('Zoom', factor, around);
  }

  secondsAt(event) {
    const box = this.waves.getBoundingClientRect();
    const from = Number(this.waves.dataset.from), to = Number(this.waves.dataset.to);
    return from + (event.clientX - box.left) / box.width * (to - from);
  }

  scrub(event, begins) {
    if (begins && event.target.closest('[data-seek]')) return;
    if (begins) this.waves.setPointerCapture(event.pointerId);
    if (begins || event.buttons & 1) this.seek(this.secondsAt(event));
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    // One zoom per turn of the server, however fast the wheel.
    if (performance.now() - (this.wheeled ?? 0) < 120) return;
    this.wheeled = performance.now();
    this.zoom(event.deltaY > 0 ? 1.5 : 1 / 1.5, this.secondsAt(event));
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const onWaves = event.target === this.waves;
    if (!onWaves && event.target.closest?.('input, textarea, select, button, a, summary')) return;
    const step = event.shiftKey ? 0.1 : 1;
    const keys = {
      ' ': () => this.toggle(),
      ArrowLeft: () => this.seek(this.position - step),
      ArrowRight: () => this.seek(this.position + step),
    };
    // Those that also scroll the page, or are letters, only where the player has the focus.
    if (onWaves) {
      Object.assign(keys, {
        PageUp: () => this.seek(this.position - 10),
        PageDown: () => this.seek(this.position + 10),
        Home: () => this.seek(0),
        End: () => this.seek(this.length),
        '+': () => this.zoom(0.5, this.position),
        '=': () => this.zoom(0.5, this.position),
        '-': () => this.zoom(2, this.position),
        n: () => this.step(1),
        p: () => this.step(-1),
      });
    }
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  step(direction) {
    const moments = [...this.root.querySelectorAll('[data-marker]')].map((marker) => Number(marker.dataset.seek));
    const next = direction > 0 ? moments.find((at) => at > this.position + 0.005) : moments.findLast((at) => at < this.position - 0.005);
    if (next !== undefined) this.seek(next);
  }

  end() {
    this.ended.abort();
    this.drawn.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.later);
    this.audio.pause();
    this.audio.removeAttribute('src');
  }
}
