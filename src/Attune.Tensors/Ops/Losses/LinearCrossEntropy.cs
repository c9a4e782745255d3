using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Kernels.Activation;
using Attune.Tensors.Kernels.CrossEntropy;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Kernels.Residual;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Ops;

/// <summary>The output layer of a language model and its loss in one, without ever holding all logits.</summary>
public static unsafe class LinearCrossEntropyOperation
{
    /// <summary>
    /// Logits that exist at the same time, and the fewest labelled rows whose logits do: each block of rows packs the weight and adds to its
    /// gradient once more.
    /// </summary>
    private const int BlockSize = 4 << 20;
    private const int LeastBlockRows = 256;

    /// <summary>
    /// CrossEntropy(scale x weightᵀ + bias): only rows with a label cost anything, and logits exist for a block of rows at a time. More than
    /// one block of labelled rows turns its logits into gradients at once; these need memory of the size of the weight until the backward pass.
    /// </summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="x">[.., width]</param>
    /// <param name="weight">[classes, width], often the embedding table.</param>
    /// <param name="bias">[classes], or null for none.</param>
    /// <param name="labels">One label a row; copied, so the memory may be reused at once.</param>
    /// <param name="ignore">The label of rows that do not count.</param>
    /// <param name="smoothing">The share of the target spread evenly over all classes.</param>
    /// <param name="scale">Multiplies the product before the bias is added.</param>
    /// <param name="reduction">Mean or sum over the rows that count.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or a loss for each row is asked for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither a class nor ignored, or smoothing is outside of 0..1.</exception>
    public static Tensor LinearCrossEntropy(
        this Tape tape, Tensor x, Tensor weight, Tensor? bias, ReadOnlyMemory<int> labels, int ignore = -100, float smoothing = 0,
        float scale = 1, LossReduction reduction = LossReduction.Mean)
    {
        (int width, int classes) = LinearOperation.Check(nameof(LinearCrossEntropy), x, weight, bias, WeightLayout.OutIn);
        if (reduction == LossReduction.None)
            throw new ArgumentException("LinearCrossEntropy: the reduction must be mean or sum.", nameof(reduction));
        int rows = x.Shape.Rows;
        int counted = LabelRules.Check(nameof(LinearCrossEntropy), labels.Span, rows, classes, ignore, smoothing);
        Tensor output = tape.Allocate(
            Shape.Of(), x.RequiresGradient || weight.RequiresGradient || bias is { RequiresGradient: true });
        if (!tape.Computes((long)counted * width * classes))
            return output;

        var head = new Head(tape.Arena, LinearOperation.PrecisionOf(tape, width, classes), x, weight, bias, smoothing, scale, width, classes);
        head.Gather(labels.Span, ignore, counted);
        float factor = reduction == LossReduction.Mean ? 1f / Math.Max(counted, 1) : 1;
        *output.Pointer = (float)(head.Forward(recording: output.Gradient is not null) * factor);
        tape.Record(output, () => head.Backward(*output.Gradient!.Pointer * factor));
        return output;
    }

    /// <summary>The labelled rows of one call and what its backward pass needs of them.</summary>
    private sealed class Head(
        Arena arena, Precision precision, Tensor x, Tensor weight, Tensor? bias, float smoothing, float scale, int width, int classes)
    {
        // Which rows are labelled, their labels, and the rows themselves; all rows in place if all are labelled.
        private int* _rows;
        private int* _labels;
        private float* _inputs;
        private int _count;
        private int _blockRows;
        private bool _gathered;

        // Floats from one row of logits to the next.
        private readonly int _stride = Gemm.SpreadStride(classes);

        // The gradients for an upstream gradient of 1: of the logits if they are one block, else of everything they lead to.
        private float* _logitGradients;
        private float* _inputGradients;
        private float* _weightGradients;
        private float* _biasGradients;

        private bool BiasWanted => bias is { RequiresGradient: true };

        private MatrixView Weights => new(weight.Pointer, classes, width);

        public void Gather(ReadOnlySpan<int> labels, int ignore, int count)
        {
            _count = count;
            _blockRows = Math.Min(count, Math.Max(LeastBlockRows, BlockSize / classes));
            _rows = (int*)arena.Allocate(count);
            _labels = (int*)arena.Allocate(count);
            for (int row = 0, next = 0; row < labels.Length; row++)
            {
                if (labels[row] == ignore)
                    continue;
                _rows[next] = row;
                _labels[next++] = labels[row];
            }
            _gathered = count < labels.Length || scale != 1;
            _inputs = _gathered ? arena.Allocate((long)count * width) : x.Pointer;
            if (_gathered)
                SelectedRows.Gather(x.Pointer, _rows, count, width, scale, _inputs);
        }

        /// <summary>The sum of the losses.</summary>
        public double Forward(bool recording)
        {
            long logitCount = (long)_blockRows * _stride;
            float* logits = arena.Allocate(logitCount);
            float* losses = arena.Allocate(_blockRows);
            double total = 0;
            bool atOnce = recording && _count > _blockRows;
            if (atOnce)
                TakeGradients();
            for (int first = 0; first < _count; first += _blockRows)
            {
                int rows = Math.Min(_blockRows, _count - first);
                total += Block(first, rows, logits, losses, recording);
                if (atOnce)
                {
                    Propagate(
                        first, rows, logits, 1, _inputGradients is null ? null : _inputGradients + (long)first * width,
                        _weightGradients, first > 0, _biasGradients, first > 0);
                }
            }
            arena.Release(losses, _blockRows);
            if (recording && !atOnce)
                _logitGradients = logits;
            else
                arena.Release(logits, logitCount);
            return total;
        }

        public void Backward(float upstream)
        {
            Gradient? weightGradient = weight.RequiresGradient ? weight.Gradient : null;
            Gradient? biasGradient = BiasWanted ? bias!.Gradient : null;
            bool accumulateWeight = false, accumulateBias = false;
            float* weightTarget = weightGradient is null ? null : weightGradient.Target(out accumulateWeight);
            float* biasTarget = biasGradient is null ? null : biasGradient.Target(out accumulateBias);
            if (_logitGradients is not null)
            {
                if (x.RequiresGradient)
                    _inputGradients = arena.Allocate((long)_count * width);
                Propagate(0, _count, _logitGradients, upstream, _inputGradients, weightTarget, accumulateWeight, biasTarget, accumulateBias);
                upstream = 1;
            }
            else
            {
                if (weightTarget is not null)
                    ScaledSum.Add(_weightGradients, upstream, weightTarget, accumulateWeight, (long)classes * width);
                if (biasTarget is not null)
                    ScaledSum.Add(_biasGradients, upstream, biasTarget, accumulateBias, classes);
            }
            if (!x.RequiresGradient)
                return;
            if (_gathered)
            {
                SelectedRows.ScatterAdd(_inputGradients, _rows, _count, width, upstream * scale, x.Gradient!.ZeroedTarget());
            }
            else
            {
                float* target = x.Gradient!.Target(out bool accumulate);
                ScaledSum.Add(_inputGradients, upstream, target, accumulate, (long)_count * width);
            }
        }

        private void TakeGradients()
        {
            if (x.RequiresGradient)
                _inputGradients = arena.Allocate((long)_count * width);
            if (weight.RequiresGradient)
                _weightGradients = arena.Allocate((long)classes * width);
            if (BiasWanted)
                _biasGradients = arena.Allocate(classes);
        }

        /// <summary>The losses of a block; its logits become their gradients if these are wanted.</summary>
        private double Block(int first, int rows, float* logits, float* losses, bool recording)
        {
            Activations.Multiply(
                Activation.None, precision, new MatrixView(_inputs + (long)first * width, rows, width), Weights.Transposed, null,
                new MatrixView(logits, rows, classes, _stride), bias is null ? null : bias.Pointer, null);
            LaneKernel.Run(new CrossEntropyForward
            {
                Logits = logits,
                Labels = _labels + first,
                Ignored = int.MinValue,
                Smoothing = smoothing,
                Losses = losses,
                ToGradients = recording,
                Rows = rows,
                Width = classes,
                Stride = _stride,
            });
            return LabelRules.Total(losses, rows);
        }

        /// <summary>Carries the logits' gradients of a block on to inputs, weight and bias.</summary>
        private void Propagate(
            int first, int rows, float* logitGradients, float upstream, float* inputTarget,
            float* weightTarget, bool accumulateWeight, float* biasTarget, bool accumulateBias)
        {
            if (upstream != 1)
                ScaledSum.Add(logitGradients, upstream, logitGradients, false, (long)rows * _stride);
            var gradients = new MatrixView(logitGradients, rows, classes, _stride);
            if (inputTarget is not null)
                Gemm.Multiply(precision, gradients, Weights, new MatrixView(inputTarget, rows, width), false, default(NoEpilogue));
            if (weightTarget is not null)
            {
                Gemm.Multiply(
                    precision, gradients.Transposed, new MatrixView(_inputs + (long)first * width, rows, width),
                    new MatrixView(weightTarget, classes, width), accumulateWeight, default(NoEpilogue));
            }
            if (biasTarget is null)
                return;
            // What lies between the rows is summed with them and left out at the end.
            long partialCount = (long)ColumnPartials.Pieces(rows) * _stride;
            float* partials = arena.Allocate(partialCount);
            Activations.Backward(Activation.None, null, logitGradients, null, false, partials, rows, _stride);
            ColumnPartials.Combine(partials, ColumnPartials.Pieces(rows), _stride, classes, biasTarget, accumulateBias);
            arena.Release(partials, partialCount);
        }
    }
}
