// When this machine's network has changed, as far as the browser tells.

/** Calls `changed` when the machine is online again, or on another kind of network (cable, Wi-Fi,
 *  mobile). Returns a function that ends this. */
export function watchNetwork(changed) {
  const { connection } = navigator; // Chromium alone
  let type = connection?.type;
  const onConnection = () => {
    if (connection.type === type) return; // `change` also fires for mere estimates of speed
    type = connection.type;
    changed();
  };
  window.addEventListener('online', changed);
  connection?.addEventListener('change', onConnection);
  return () => {
    window.removeEventListener('online', changed);
    connection?.removeEventListener('change', onConnection);
  };
}
