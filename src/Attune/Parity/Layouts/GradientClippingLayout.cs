using Attune.Formats;
using Attune.Nn.Parameters;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Training.Optimizers;

namespace Attune.Parity.Layouts;

/// <summary>Clipping of the norm of all gradients together: <c>input.grad.*</c> to <c>output.grad.*</c> and <c>output.total_norm</c>.</summary>
internal sealed class GradientClippingLayout : ICaseLayout
{
    private const string Operation = "clip_grad_norm";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case?.Raw("op")?.ToString() == Operation;

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.OfTensors(folder, "clipping", () => Operation, comparison =>
        {
            JsonFields args = folder.Case!.Child("args");
            if (args.Raw("norm_type")?.ToString() is { } type and not ("2" or "2.0"))
                throw new UnknownCaseException("norm type", type);
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            (string Name, Tensor Gradient)[] gradients =
                [.. tensors.Names("input.grad.").Select(name => (name, OptimizerLayout.TensorOf(tensors.Get("input.grad." + name))))];

            var group = new ParameterGroup([.. gradients.Select(g => new NamedParameter(g.Name, WithGradient(g.Gradient)))], WeightDecay: 0);
            double norm = new Optimizer(new Sgd(), [group]).GradientLength();
            float scale = Optimizer.ClipScale(norm, args.Float("max_norm"));

            comparison.Compare(NumberKind.Output, tensors.Get("output.total_norm"), new ComparedValues([], [(float)norm]));
            foreach ((string name, Tensor gradient) in gradients)
            {
                float[] clipped = Array.ConvertAll(gradient.ToArray(), value => value * scale);
                comparison.Compare(NumberKind.Output, tensors.Get("output.grad." + name), new ComparedValues(gradient.Shape.ToArray(), clipped));
            }
        });
    }

    private static Parameter WithGradient(Tensor gradient)
    {
        Parameter parameter = OptimizerLayout.ParameterOf(Tensor.Zeros(gradient.Shape));
        OptimizerLayout.SetGradient(parameter, gradient);
        return parameter;
    }
}
