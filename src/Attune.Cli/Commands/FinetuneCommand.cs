using System.CommandLine;
using Attune.Cli.Shell;

namespace Attune.Cli.Commands;

/// <summary><c>attune finetune</c>: teaches a pre-trained model a task.</summary>
internal sealed class FinetuneCommand : Verb
{
    private readonly RecipeRun run = new();
    private readonly TrainingOptions training = new();
    private readonly LabelledData data = new();

    private readonly Argument<string> model = new("model")
    {
        Description = "The model folder to start from, with its tokenizer, or the name of a pulled model.",
    };

    private readonly Option<string?> validation = new("--validation")
    {
        Description = "Labelled data to check with. Default: a tenth of --data.",
        HelpName = "path",
    };

    private readonly Option<string> task = new("--task")
    {
        Description = "What to learn; 'attune matrix' lists the tasks.",
        HelpName = "name",
        DefaultValueFactory = _ => "sequence-classification",
    };

    /// <summary>Declares the verb.</summary>
    public FinetuneCommand()
        : base(
            "finetune",
            "Teaches a pre-trained model a task from labelled data. Heads that the model does not have start afresh.",
            "attune finetune models/bert --data train.csv --validation test.csv --epochs 3 --rate 5e-5 --out runs/sentiment",
            "attune finetune models/bert --data pairs.tsv --text-column premise --pair-column hypothesis --json",
            "attune finetune models/bert --data train.jsonl --set training.keep_best=true --set training.patience=3 --evaluate-every 100")
    {
        Add(model);
        data.AddTo(this, required: true);
        Add(validation);
        Add(task);
        training.AddTo(this);
        run.AddTo(this);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        RecipeSettings recipe = new("finetune");
        string folder = PulledFolder.Find(invocation.Get(model));
        recipe.Text("model.from", folder);
        recipe.Text("tokenizer.from", folder);
        recipe.Text("task.name", invocation.Get(task));
        data.Fill(invocation, recipe);
        recipe.Text("data.validation", invocation.Get(validation));
        training.Fill(invocation, recipe, "data.max_length");
        return run.Run(invocation, recipe.Make(run.Overrides(invocation)));
    }
}
