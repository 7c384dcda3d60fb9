// The one script: a button behind each `data-copy` that puts its text on the clipboard. Without it, a click selects all
// of the text. On plain http, other than on this machine, browsers give pages no clipboard, and so there is no button.

export const copyButtons = `for (const source of navigator.clipboard ? document.querySelectorAll('[data-copy]') : []) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = source.dataset.copy;
  const said = document.createElement('span');
  said.setAttribute('role', 'status');
  said.className = 'said';
  button.addEventListener('click', async () => {
    said.textContent = '';
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = ' Copied.';
    } catch {
      said.textContent = ' Not copied: select it and copy it yourself.';
    }
  });
  source.after(button, said);
}
`;
