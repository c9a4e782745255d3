using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors;

/// <summary>The floating-point mode of a thread.</summary>
public static unsafe class FloatingPoint
{
    private const uint FlushToZero = 1u << 15;
    private const uint DenormalsAreZero = 1u << 6;
    private const uint Both = FlushToZero | DenormalsAreZero;

    private static readonly delegate* unmanaged[SuppressGCTransition]<uint*, void> Read;
    private static readonly delegate* unmanaged[SuppressGCTransition]<uint*, void> Write;

    static FloatingPoint()
    {
        var code = X86Base.X64.IsSupported ? ControlRegisterCode.Map() : null;
        if (code is null)
            return;
        Read = (delegate* unmanaged[SuppressGCTransition]<uint*, void>)code;
        Write = (delegate* unmanaged[SuppressGCTransition]<uint*, void>)(code + ControlRegisterCode.WriteOffset);
    }

    /// <summary>True if denormals can be flushed here: on x86-64 unless the system forbids code made at run time.</summary>
    public static bool CanFlushDenormals => Read is not null;

    /// <summary>
    /// Makes this thread treat denormal numbers (below 1.18e-38 in size) as zero until the result is disposed. On x86 an operation
    /// on denormals takes a hundred times longer than others, and softmax tails and small gradients are full of them.
    /// </summary>
    /// <remarks>
    /// Nested scopes cost a few nanoseconds. <see cref="Parallel.Workers"/> opens one around every call, so that a job has the
    /// same mode, hence the same bits, on whichever thread it runs; open one around a step to save the switching. Must be disposed
    /// on the thread that made it. Does nothing where <see cref="CanFlushDenormals"/> is false.
    /// </remarks>
    public static Scope FlushDenormals()
    {
        if (Read is null)
            return default;
        uint before;
        Read(&before);
        if ((before & Both) == Both)
            return default;
        var flushing = before | Both;
        Write(&flushing);
        return new Scope(before);
    }

    /// <summary>Restores the mode that was there before.</summary>
    public readonly ref struct Scope
    {
        private readonly uint before;

        internal Scope(uint before) => this.before = before;

        /// <summary>Restores the mode that was there before.</summary>
        public void Dispose()
        {
            // Zero is not a mode that any thread has (it would trap on every inexact result): it marks a scope that changed nothing.
            if (before == 0)
                return;
            var restored = before;
            Write(&restored);
        }
    }
}
