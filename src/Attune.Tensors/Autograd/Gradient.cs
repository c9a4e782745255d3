using System.Runtime.InteropServices;
using Attune.Tensors.Kernels.Residual;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Autograd;

/// <summary>
/// The gradient of one tensor and of all its views. Its memory is taken when the first contribution arrives: from the
/// tape's arena for results of operations, from its own buffer for parameters, which keep it over many steps.
/// </summary>
internal sealed unsafe class Gradient(long count, Arena? arena)
{
    private NativeBuffer? _buffer;
    private float* _pointer;

    /// <summary>False for a frozen parameter: operations then skip the work.</summary>
    public bool Wanted { get; set; } = true;

    /// <summary>Whether a contribution has arrived; until then the content is undefined.</summary>
    public bool Written { get; private set; }

    /// <summary>The accumulated gradient.</summary>
    public float* Pointer => _pointer;

    public long Count => count;

    /// <summary>
    /// The place to put a contribution. If <paramref name="accumulate"/> is false, this is the first one: overwrite, there
    /// are no zeros to add to.
    /// </summary>
    public float* Target(out bool accumulate)
    {
        accumulate = Written;
        if (_pointer is null)
            Take();
        Written = true;
        return _pointer;
    }

    /// <summary>The place to add contributions to that do not cover everything: zeros if this is the first one.</summary>
    public float* ZeroedTarget()
    {
        float* target = Target(out bool accumulate);
        if (!accumulate)
            NativeMemory.Clear(target, checked((nuint)count * sizeof(float)));
        return target;
    }

    /// <summary>Forgets the content; a buffer of its own is kept.</summary>
    public void Clear()
    {
        Written = false;
        if (arena is not null)
            _pointer = null;
    }

    /// <summary>Gives arena memory back: nothing earlier on the tape reads the gradient of a result once its operation has run backward.</summary>
    public void Release()
    {
        if (arena is not null && _pointer is not null)
            arena.Release(_pointer, count);
        Clear();
    }

    /// <summary>Adds the whole of another gradient of the same size.</summary>
    public void AddFrom(Gradient other)
    {
        float* target = Target(out bool accumulate);
        ScaledSum.Add(other._pointer, 1, target, accumulate, count);
    }

    private void Take()
    {
        if (arena is not null)
        {
            _pointer = arena.Allocate(count);
            return;
        }
        _buffer ??= new NativeBuffer(count);
        _pointer = _buffer.Pointer;
    }
}
