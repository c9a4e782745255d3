using System.Collections.Concurrent;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Inference;

/// <summary>Tapes that are used again and again, so that after the first pass a request takes no new memory.</summary>
/// <remarks>Thread-safe: each lease is one thread's.</remarks>
internal sealed class TapePool(Precision precision)
{
    private readonly ConcurrentBag<Tape> _idle = [];

    /// <summary>Takes a tape, started for a pass that does not record.</summary>
    public Lease Rent()
    {
        if (!_idle.TryTake(out Tape? tape))
            tape = new Tape { FixedWeights = true, Precision = precision };
        tape.Begin(recording: false);
        return new Lease(this, tape);
    }

    /// <summary>A tape in use; results of the pass are valid until it is given back.</summary>
    public readonly struct Lease(TapePool pool, Tape tape) : IDisposable
    {
        /// <summary>The pass to run operations in.</summary>
        public Pass Pass { get; } = new(tape);

        /// <summary>Gives the tape back.</summary>
        public void Dispose() => pool._idle.Add(tape);
    }
}
