// Keeps all that reaches the page from the program: answers to commands, and what it sends by itself.
const heard = (window.__heard = []);
const own = window.fetch;
window.fetch = async (...request) => {
  const response = await own(...request);
  response.clone().text().then((text) => heard.push(text));
  return response;
};
const { callbacks } = window.__TAURI_INTERNALS__;
callbacks.get = (id) => {
  const callback = Map.prototype.get.call(callbacks, id);
  return (
    callback &&
    ((data) => {
      heard.push(JSON.stringify(data) ?? "");
      callback(data);
    })
  );
};
return Object.hasOwn(callbacks, "get");
