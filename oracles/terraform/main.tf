# What a team declares with the Terraform provider around a fine-tuning job.
terraform {
  required_providers {
    snowflake = {
      source = "registry.invalid/local/snowflake"
    }
  }
}

variable "port" {
  type = number
}

variable "password" {
  type      = string
  sensitive = true
}

provider "snowflake" {
  organization_name        = "local_organization"
  account_name             = "local"
  user                     = "LOCAL_ADMIN"
  password                 = var.password
  host                     = "127.0.0.1"
  port                     = var.port
  protocol                 = "http"
  role                     = "ACCOUNTADMIN"
  preview_features_enabled = ["snowflake_table_resource"]
}

resource "snowflake_database" "docs" {
  name    = "DOCS"
  comment = "documents and their models"
}

resource "snowflake_schema" "ml" {
  database            = snowflake_database.docs.name
  name                = "ML"
  with_managed_access = true
}

resource "snowflake_account_role" "trainer" {
  name    = "DOCS_TRAINER"
  comment = "submits fine-tuning jobs"
}

resource "snowflake_account_role" "app" {
  name = "DOCS_APP"
}

resource "snowflake_database_role" "reader" {
  database = snowflake_database.docs.name
  name     = "READER"
  comment  = "reads the models"
}

resource "snowflake_warehouse" "train" {
  name                = "TRAIN_WH"
  warehouse_size      = "XSMALL"
  auto_suspend        = 60
  initially_suspended = true
}

resource "snowflake_table" "pairs" {
  database = snowflake_database.docs.name
  schema   = snowflake_schema.ml.name
  name     = "PAIRS"
  column {
    name = "QUESTION"
    type = "VARCHAR(16777216)"
  }
  column {
    name = "ANSWER"
    type = "VARCHAR(16777216)"
  }
}

resource "snowflake_view" "training" {
  database  = snowflake_database.docs.name
  schema    = snowflake_schema.ml.name
  name      = "TRAINING"
  comment   = "pairs to train on"
  statement = "SELECT QUESTION AS PROMPT, ANSWER AS COMPLETION FROM DOCS.ML.PAIRS"
  column {
    column_name = "PROMPT"
  }
  column {
    column_name = "COMPLETION"
  }
  depends_on = [snowflake_table.pairs]
}

resource "snowflake_grant_privileges_to_account_role" "database" {
  account_role_name = snowflake_account_role.trainer.name
  privileges        = ["USAGE"]
  on_account_object {
    object_type = "DATABASE"
    object_name = snowflake_database.docs.name
  }
}

resource "snowflake_grant_privileges_to_account_role" "warehouse" {
  account_role_name = snowflake_account_role.trainer.name
  privileges        = ["USAGE", "OPERATE"]
  on_account_object {
    object_type = "WAREHOUSE"
    object_name = snowflake_warehouse.train.name
  }
}

resource "snowflake_grant_privileges_to_account_role" "schema" {
  account_role_name = snowflake_account_role.trainer.name
  privileges        = ["USAGE", "CREATE MODEL", "CREATE VIEW"]
  with_grant_option = true
  on_schema {
    schema_name = snowflake_schema.ml.fully_qualified_name
  }
}

resource "snowflake_grant_privileges_to_account_role" "view" {
  account_role_name = snowflake_account_role.app.name
  privileges        = ["SELECT"]
  on_schema_object {
    object_type = "VIEW"
    object_name = snowflake_view.training.fully_qualified_name
  }
}

resource "snowflake_grant_privileges_to_account_role" "future" {
  account_role_name = snowflake_account_role.app.name
  privileges        = ["SELECT"]
  on_schema_object {
    future {
      object_type_plural = "TABLES"
      in_schema          = snowflake_schema.ml.fully_qualified_name
    }
  }
}

resource "snowflake_grant_privileges_to_database_role" "reader" {
  database_role_name = snowflake_database_role.reader.fully_qualified_name
  privileges         = ["USAGE"]
  on_schema {
    schema_name = snowflake_schema.ml.fully_qualified_name
  }
}

resource "snowflake_grant_database_role" "app" {
  database_role_name = snowflake_database_role.reader.fully_qualified_name
  parent_role_name   = snowflake_account_role.app.name
}

resource "snowflake_grant_database_role" "cortex" {
  database_role_name = "\"SNOWFLAKE\".\"CORTEX_USER\""
  parent_role_name   = snowflake_account_role.trainer.name
}

resource "snowflake_grant_account_role" "trainer" {
  role_name        = snowflake_account_role.trainer.name
  parent_role_name = "SYSADMIN"
}
