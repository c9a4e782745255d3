using Attune.Backbones.SetTransformer;
using Attune.Formats;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Parity.Models.Modules;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>Set Transformers and their blocks: sets of one size in, rows out, the loss is their mean squared distance to a target.</summary>
internal sealed class SetCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) =>
        model.Backbone is SetBackbone or GoldenModule { Part: ISetBlock or SetAttention };

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        string[] names = model.Backbone is GoldenModule { Part: SetAttention } ? ["query", "key"] : ["x"];
        return new Prepared(model, [.. names.Select(name => Input.Read(name, arguments.Get(name)))], arguments.Get("target"));
    }

    private sealed record Input(string Name, float[] Values, Segments Sets, int Width)
    {
        public static Input Read(string name, StoredTensor stored) =>
            new(name, stored.ToFloat32(), Segments.Equal(stored.Shape[0], stored.Shape[1]), stored.Shape[2]);

        public Tensor Rows(bool gradient) => Tensor.From([Sets.Rows, Width], Values, gradient);
    }

    private sealed class Prepared(Model model, IReadOnlyList<Input> inputs, StoredTensor target) : IPreparedCall
    {
        private readonly int[] _shape = [.. target.Shape];
        private readonly float[] _target = target.ToFloat32();

        public CallOutputs Run(Pass pass)
        {
            Tensor output = Forward(pass, [.. inputs.Select(input => input.Rows(gradient: false))]);
            var outputs = new CallOutputs();
            outputs.SetLoss(Loss(pass.Tape, output));
            if (pass.Tape.Recording)
                return outputs;
            outputs.Add("out", () => new ComparedValues(_shape, output.ToArray()));
            AddGradients(outputs);
            return outputs;
        }

        private Tensor Forward(Pass pass, Tensor[] rows)
        {
            Segments sets = inputs[0].Sets;
            return model.Backbone switch
            {
                GoldenModule { Part: SetAttention attention } => attention.Forward(pass.Tape, rows[0], sets, rows[1], inputs[1].Sets),
                GoldenModule { Part: ISetBlock block } => block.Forward(pass, rows[0], sets).Rows,
                _ => model.Head<ISequenceHead>(HeadKind.SequenceClassification)
                    .Logits(pass, model.Forward(pass, new TokenBatch { Features = rows[0], Segments = sets })),
            };
        }

        private Tensor Loss(Tape tape, Tensor output) => tape.MeanSquaredError(output, Tensor.From(output.Shape, _target));

        private void AddGradients(CallOutputs outputs)
        {
            var tape = new Tape();
            tape.Begin(recording: true);
            Tensor[] rows = [.. inputs.Select(input => input.Rows(gradient: true))];
            tape.Backward(Loss(tape, Forward(new Pass(tape), rows)));
            foreach ((_, Nn.Parameters.Parameter parameter) in model.NamedParameters())
                parameter.Value.ClearGradient();
            for (int i = 0; i < rows.Length; i++)
            {
                Input input = inputs[i];
                Tensor gradient = rows[i].Grad!;
                outputs.Add("grad_input." + input.Name, () => new ComparedValues([input.Sets.Count, input.Sets.MaxLength, input.Width], gradient.ToArray()));
            }
        }
    }
}
