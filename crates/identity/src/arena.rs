//! Numbered things of which the newest stay: a ring in which a number is never used twice while anyone may hold it.
//!
//! A thing that is still used when it has become old is given a new number ([`Arena::keep`]); the old number leads to it
//! as long as its place lasts.

use serde::{Deserialize, Serialize};

const FIRST: usize = 64;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Slot<T> {
    number: u32,
    /// The number it has now, when it was given a new one.
    moved: u32,
    value: T,
}

#[derive(Debug, Clone)]
pub(crate) struct Arena<T> {
    slots: Vec<Slot<T>>,
    next: u32,
    most: usize,
}

/// Some of an arena's places, from the first one on, and the number that was next when they were copied.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Slots<T> {
    first: usize,
    slots: Vec<Slot<T>>,
    next: u32,
}

impl<T> Slots<T> {
    /// All places of one.
    pub(crate) fn all(slots: Vec<Slot<T>>, next: u32) -> Self {
        Self { first: 0, slots, next }
    }

    /// Where the next ones begin. `None`: there are none in these.
    pub(crate) fn end(&self) -> Option<usize> {
        (!self.slots.is_empty()).then_some(self.first + self.slots.len())
    }

    pub(crate) fn map<U>(self, mut change: impl FnMut(T) -> U) -> Slots<U> {
        let Self { first, slots, next } = self;
        let changed = |Slot { number, moved, value }| Slot { number, moved, value: change(value) };
        Slots { first, slots: slots.into_iter().map(changed).collect(), next }
    }
}

impl<T: Clone> Arena<T> {
    pub(crate) fn new(most: usize) -> Self {
        Self { slots: Vec::new(), next: 1, most: most.max(2) }
    }

    /// Whether the parts fit each other, after it was read from outside.
    pub(crate) fn is_whole(&self) -> bool {
        let placed =
            |(place, slot): (usize, &Slot<T>)| self.place(slot.number) == place && slot.moved != slot.number;
        let fits = self.slots.len() == self.most || self.next as usize == self.slots.len() + 1;
        fits && self.slots.len() <= self.most && self.slots.iter().enumerate().all(placed)
    }

    /// At most `most` places from `first` on.
    pub(crate) fn slots_from(&self, first: usize, most: usize) -> Slots<T> {
        let slots = self.slots.iter().skip(first).take(most).cloned().collect();
        Slots { first, slots, next: self.next }
    }

    /// The next places of one that is read from outside. `None`: they are not the next ones, or too many.
    pub(crate) fn take_slots(&mut self, slots: Slots<T>) -> Option<()> {
        let fits = slots.first == self.slots.len() && slots.slots.len() <= self.most - self.slots.len();
        for slot in slots.slots.into_iter().filter(|_| fits) {
            self.append(slot);
        }
        self.next = slots.next;
        fits.then_some(())
    }

    fn append(&mut self, slot: Slot<T>) {
        if self.slots.len() == self.slots.capacity() {
            // Doubling, but never beyond the bound.
            self.slots.reserve_exact(self.slots.len().max(FIRST).min(self.most - self.slots.len()));
        }
        self.slots.push(slot);
    }

    pub(crate) fn add(&mut self, value: T) -> u32 {
        let number = self.next;
        self.next = number.checked_add(1).unwrap_or(1);
        let slot = Slot { number, moved: 0, value };
        let place = self.place(number);
        if place < self.slots.len() {
            self.slots[place] = slot;
        } else {
            self.append(slot);
        }
        number
    }

    /// The number by which the thing is known now. 0 when it is gone.
    pub(crate) fn current(&self, mut number: u32) -> u32 {
        for _ in 0..=self.slots.len() {
            match self.slots.get(self.place(number)) {
                Some(slot) if slot.number == number && number != 0 => match slot.moved {
                    0 => return number,
                    moved => number = moved,
                },
                _ => return 0,
            }
        }
        0
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        let number = self.current(number);
        self.slots
            .get(self.place(number))
            .filter(|slot| slot.number == number && number != 0)
            .map(|slot| &slot.value)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let number = self.current(number);
        let place = self.place(number);
        self.slots
            .get_mut(place)
            .filter(|slot| slot.number == number && number != 0)
            .map(|slot| &mut slot.value)
    }

    /// The number lasts as long as the thing is used: one in the older half gets a new number.
    pub(crate) fn keep(&mut self, number: u32) -> u32 {
        let number = self.current(number);
        if number == 0 || (self.next.wrapping_sub(number) as usize) < self.most / 2 {
            return number;
        }
        let Some(value) = self.get(number).cloned() else { return 0 };
        let place = self.place(number);
        let fresh = self.add(value);
        if let Some(slot) = self.slots.get_mut(place).filter(|slot| slot.number == number) {
            slot.moved = fresh;
        }
        fresh
    }

    /// From now on `number` is another name of `other`.
    pub(crate) fn unite(&mut self, number: u32, other: u32) {
        let (number, other) = (self.current(number), self.current(other));
        let place = self.place(number);
        if number != 0
            && other != 0
            && number != other
            && let Some(slot) = self.slots.get_mut(place)
        {
            slot.moved = other;
        }
    }

    /// What is known by its own number, oldest first.
    pub(crate) fn each(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots.iter().filter(|slot| slot.moved == 0).map(|slot| (slot.number, &slot.value))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot<T>>()
    }

    /// Numbers begin at 1, places at 0.
    fn place(&self, number: u32) -> usize {
        (number as usize).wrapping_sub(1) % self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_and_the_oldest_go() {
        let mut arena = Arena::new(4);
        let numbers: Vec<u32> = (0..6).map(|value| arena.add(value)).collect();
        assert_eq!(arena.get(numbers[0]), None);
        assert_eq!(arena.get(numbers[1]), None);
        assert_eq!(arena.get(numbers[2]), Some(&2));
        assert_eq!(arena.get(numbers[5]), Some(&5));
        assert_eq!(arena.get(0), None);
    }

    #[test]
    fn what_is_kept_in_use_outlives_the_ring() {
        let mut arena = Arena::new(8);
        let first = arena.add(100);
        let mut number = first;
        for value in 0..50 {
            arena.add(value);
            number = arena.keep(number);
            assert_eq!(arena.get(number), Some(&100));
        }
        assert_eq!(arena.get(first), None);
    }

    #[test]
    fn united_numbers_are_one_thing() {
        let mut arena = Arena::new(8);
        let (one, two, three) = (arena.add(1), arena.add(2), arena.add(3));
        arena.unite(one, two);
        arena.unite(two, three);
        arena.unite(three, one);
        assert_eq!(arena.get(one), Some(&3));
        assert_eq!(arena.current(one), arena.current(three));
        assert_eq!(arena.each().count(), 1);
    }
}
