using Attune.Formats;
using Attune.Nn.Parameters;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Training.Optimizers;

namespace Attune.Parity.Layouts;

/// <summary>
/// An optimizer by itself: parameters <c>input.param.*</c>, the gradient <c>input.grad.T.*</c> of each step, and the parameters
/// <c>output.param.T.*</c> after it.
/// </summary>
internal sealed class OptimizerLayout : ICaseLayout
{
    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is { } golden && golden.Has("op") && golden.Has("steps") && golden.Has("params");

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        JsonFields golden = folder.Case!;
        yield return CaseRun.OfTensors(folder, "optimizer", () => golden.String("op"), comparison =>
        {
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            ReferenceOptimizer reference = ReferenceOptimizer.Read(golden.String("op"), golden.Child("args"));
            NamedParameter[] parameters =
                [.. golden.StringArray("params").Select(name => new NamedParameter(name, ParameterOf(TensorOf(tensors.Get("input.param." + name)))))];
            var optimizer = new Optimizer(reference.Rule, [new ParameterGroup(parameters, reference.WeightDecay)]);
            IReadOnlyList<double>? rates = golden.FloatArrayOrNull("lrs");

            int steps = golden.Size("steps");
            for (int step = 1; step <= steps; step++)
            {
                foreach ((string name, Parameter parameter) in parameters)
                    SetGradient(parameter, TensorOf(tensors.Get($"input.grad.{step}.{name}")));
                optimizer.Step(rates is null ? reference.Rate : rates[step - 1], gradientScale: reference.Maximizes ? -1 : 1);
                optimizer.ClearGradients();
                foreach ((string name, Parameter parameter) in parameters)
                    comparison.Compare(NumberKind.Output, tensors.Get($"output.param.{step}.{name}"), parameter.Value);
            }
        });
    }

    /// <summary>Copies a stored tensor.</summary>
    public static Tensor TensorOf(StoredTensor stored) => Tensor.From(Shape.Of(stored.Shape.AsSpan()), stored.ToFloat32());

    /// <summary>Makes a parameter of a value.</summary>
    public static Parameter ParameterOf(Tensor value)
    {
        var parameter = new Parameter(value.Shape, Initializer.Zeros, ParameterRole.Weight);
        parameter.Use(value);
        parameter.Trainable = true;
        return parameter;
    }

    /// <summary>Gives a parameter a gradient: that of the sum of its products with it.</summary>
    public static void SetGradient(Parameter parameter, Tensor gradient)
    {
        var tape = new Tape();
        tape.Begin(recording: true);
        tape.Backward(tape.Sum(tape.Multiply(parameter.Value, gradient)));
    }
}
