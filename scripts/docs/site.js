// The guides stand open in the navigation until a reader has closed them; the reference opens where one is.
(() => {
  const GUIDES = ['Use Haste', 'Write plugins', 'What it does', 'How it is built'];
  const opened = 'haste-guides-opened';
  if (localStorage.getItem(opened) !== null) return;
  const open = () => {
    const groups = [...document.querySelectorAll('#tsd-nav-container > li > details')];
    const guides = groups.filter((group) => GUIDES.includes(group.querySelector('summary')?.dataset.key));
    for (const group of guides) group.open = true;
    if (guides.length > 0) localStorage.setItem(opened, 'true');
    return guides.length > 0;
  };
  const watcher = new MutationObserver(() => open() && watcher.disconnect());
  if (!open()) watcher.observe(document.documentElement, { childList: true, subtree: true });
})();
