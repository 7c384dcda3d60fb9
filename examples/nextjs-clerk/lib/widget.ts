// What ChatGPT shows beside the answer of `show_content`: one document that needs nothing else, so that its frame may ask
// no address for anything. The data comes from the tool's `structuredContent`, and is only ever set as text.

export const widget = {
  name: 'content-widget',
  uri: 'ui://widget/content-template.html',
  mimeType: 'text/html+skybridge',
  title: 'Content',
  description: 'Shows for whom the tool was called, as whom, and when.',
} as const;

/** `_meta` of the resource; @param origin where this app runs: ChatGPT gives the frame a name of its own for it */
export function widgetMeta(origin: string) {
  return {
    'openai/widgetDescription': widget.description,
    'openai/widgetPrefersBorder': true,
    'openai/widgetCSP': { connect_domains: [], resource_domains: [] },
    'openai/widgetDomain': origin,
  };
}

/** `_meta` of the tool whose answer it shows. */
export const toolMeta = {
  'openai/outputTemplate': widget.uri,
  'openai/toolInvocation/invoking': 'Loading content …',
  'openai/toolInvocation/invoked': 'Content loaded',
  'openai/widgetAccessible': false,
  'openai/resultCanProduceWidget': true,
};

export const widgetHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Content</title>
<style>
  :root { color-scheme: light dark; --text: #1b1b1f; --quiet: #5c5f6a; --line: #e3e4e8; --mark: #3451b2; --on-mark: #fff; --back: #fff }
  @media (prefers-color-scheme: dark) { :root { --text: #ececf0; --quiet: #a5a8b4; --line: #3a3b42; --mark: #93a8f4; --on-mark: #16181f; --back: #212126 } }
  :root[data-theme=light] { color-scheme: light; --text: #1b1b1f; --quiet: #5c5f6a; --line: #e3e4e8; --mark: #3451b2; --on-mark: #fff; --back: #fff }
  :root[data-theme=dark] { color-scheme: dark; --text: #ececf0; --quiet: #a5a8b4; --line: #3a3b42; --mark: #93a8f4; --on-mark: #16181f; --back: #212126 }
  * { box-sizing: border-box }
  body { margin: 0; padding: 20px; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
  header { display: flex; align-items: center; gap: 14px }
  .initial { flex: none; display: grid; place-items: center; width: 44px; height: 44px; border-radius: 50%; background: var(--mark); color: var(--on-mark); font-size: 20px; font-weight: 600 }
  h1 { margin: 0; font-size: 19px; line-height: 1.3; font-weight: 600; overflow-wrap: anywhere }
  header p { margin: 2px 0 0; color: var(--quiet) }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 20px; margin: 18px 0 0; padding-top: 16px; border-top: 1px solid var(--line) }
  dt { color: var(--quiet) }
  dd { margin: 0; overflow-wrap: anywhere }
  code { font: 13px/1.6 ui-monospace, monospace }
  @media (max-width: 380px) { body { padding: 16px } dl { grid-template-columns: 1fr; gap: 0 } dd + dt { margin-top: 10px } }
</style>
</head>
<body>
<main aria-live="polite">
  <p id="waiting" style="margin:0;color:var(--quiet)">Nothing to show yet.</p>
  <div id="content" hidden>
    <header>
      <span class="initial" id="initial" aria-hidden="true"></span>
      <div><h1 id="name"></h1><p>You are signed in, and this call was made as you.</p></div>
    </header>
    <dl>
      <dt>Clerk user</dt><dd><code id="user"></code></dd>
      <dt>Called at</dt><dd><time id="time"></time></dd>
    </dl>
  </div>
</main>
<script>
  const at = (id) => document.getElementById(id);
  function show() {
    const { theme, locale, toolOutput } = window.openai ?? {};
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
    const given = toolOutput && typeof toolOutput.name === 'string';
    at('waiting').hidden = given;
    at('content').hidden = !given;
    if (!given) return;
    at('name').textContent = 'Hello, ' + toolOutput.name;
    at('initial').textContent = (Array.from(toolOutput.name.trim())[0] ?? '?').toUpperCase();
    at('user').textContent = toolOutput.userId;
    const time = new Date(toolOutput.timestamp);
    at('time').textContent = isNaN(time) ? '' : time.toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
    at('time').dateTime = toolOutput.timestamp;
  }
  // The host sets its globals before the page runs, and says so whenever one of them changes.
  window.addEventListener('openai:set_globals', show);
  show();
</script>
</body>
</html>
`;
