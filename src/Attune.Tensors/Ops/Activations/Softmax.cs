using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Softmax;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>Softmax and its logarithm over the last axis.</summary>
public static unsafe class SoftmaxOperation
{
    /// <summary>exp(x) / Σ exp(x) over the last axis, without overflow.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is a scalar.</exception>
    public static Tensor Softmax(this Tape tape, Tensor x) => Run(tape, nameof(Softmax), x, logarithm: false);

    /// <summary>x - log Σ exp(x) over the last axis.</summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is a scalar.</exception>
    public static Tensor LogSoftmax(this Tape tape, Tensor x) => Run(tape, nameof(LogSoftmax), x, logarithm: true);

    private static Tensor Run(Tape tape, string operation, Tensor x, bool logarithm)
    {
        if (x.Shape.Rank == 0)
            throw new ArgumentException($"{operation}: a scalar has no last axis.", nameof(x));
        Tensor output = tape.Allocate(x.Shape, x.RequiresGradient);
        if (!tape.Computes())
            return output;
        int rows = x.Shape.Rows, width = x.Shape.Width;
        LaneKernel.Run(new SoftmaxForward
        {
            Input = x.Pointer,
            Output = output.Pointer,
            Logarithm = logarithm,
            Rows = rows,
            Width = width,
        });
        tape.Record(output, () => LaneKernel.Run(new SoftmaxBackward
        {
            Output = output.Pointer,
            OutputGradient = output.Gradient!.Pointer,
            InputGradient = x.Gradient!.Target(out bool accumulate),
            Accumulate = accumulate,
            Logarithm = logarithm,
            Rows = rows,
            Width = width,
        }));
        return output;
    }
}
