// Logs at every level, as text, as an object and as an error.

exports.handler = async (event) => {
  console.debug('a detail');
  console.log('%s is low', event.item);
  console.warn({ item: event.item });
  console.error('not found', new RangeError('no stock'));
  if (event.fail) throw new TypeError('no such item');
  return null;
};
