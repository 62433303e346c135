// The stack's outputs are published beside the page, so that it finds the
// function without knowing its address.
const manifest = await (await fetch('MANIFEST.json')).json();
const api = manifest.GuestbookUrl;
const form = document.querySelector('#form');
const status = document.querySelector('#status');
const list = document.querySelector('#entries');

async function call(options) {
  const response = await fetch(api, options);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

async function show() {
  const entries = await call();
  list.replaceChildren(...entries.map((entry) => {
    const item = document.createElement('li');
    item.textContent = `${entry.name}: ${entry.text}`;
    return item;
  }));
  status.textContent = entries.length ? '' : 'Nobody has signed yet.';
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(form)));
  try {
    await call({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
    form.reset();
    await show();
  } catch (error) {
    status.textContent = error.message;
  }
});

await show();
