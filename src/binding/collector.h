/* Lua's collector, run by the host so that its pauses are measured: between two turns of the loop, when memory has
 * grown by a fifth. A script that computes for long without waiting makes Lua collect by itself once memory has
 * doubled; such collections are counted, their time is not known (the turn that they lengthen is). */
#ifndef SR_BINDING_COLLECTOR_H
#define SR_BINDING_COLLECTOR_H

#include "scalerun/binding/state.h"

struct sr_collector {
	struct sr_state *state;
	struct sr_job job;
	size_t threshold; /* bytes from which on the host collects; 0: to be set */
	bool running;     /* the host's own collection */
	struct sr_pauses pauses;
};

/* Once the state's libraries are there; in a protected call. */
void sr_collector_start(lua_State *L, struct sr_collector *collector, struct sr_state *state);

/* After a task has run: arranges a collection where it is time for one. */
void sr_collector_look(struct sr_collector *collector);

void sr_collector_stop(struct sr_collector *collector); /* before lua_close */

#endif
